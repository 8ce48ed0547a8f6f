using System.Runtime.CompilerServices;

namespace AuthPlatform.Data.Auth;

/// <summary>One thing that is wrong with what an administrator entered.</summary>
/// <param name="Member">Name of the property.</param>
/// <param name="Text">A sentence with the limits in it, apart from each other so that it can be said in another language.</param>
public sealed record RuleFailure(string Member, FormattableString Text)
{
    /// <summary>The sentence in English.</summary>
    public string Message => FormattableString.Invariant(Text);
}

/// <summary>
/// What an application's columns may hold, in the words of whoever changes them. The check constraints of the table say the same to everybody else.
/// </summary>
public static class ApplicationRules
{
    /// <summary>Most characters of a name.</summary>
    public const int MaxNameLength = 200;

    /// <summary>Most characters of an audience.</summary>
    public const int MaxAudienceLength = 512;

    private const int LongestAccessLifetime = TokenLimits.LongestAccessSeconds;
    private const int LongestSession = 366 * 86_400;
    private const int MaxAllowedIps = 200;
    private const int MaxResourceServers = 20;
    private const int MostSessionsPerUser = 1000;

    /// <summary>Everything that is wrong at once; empty when the application may be saved. The entries of its address list are the caller's to read.</summary>
    public static IReadOnlyList<RuleFailure> Check(Application application)
    {
        var failures = new List<RuleFailure>();
        Require(application.Name.Trim().Length is > 0 and <= MaxNameLength, nameof(Application.Name), $"The name must have 1 to {MaxNameLength} characters.");
        Require(!application.Name.Any(char.IsControl), nameof(Application.Name), $"The name must not contain control characters.");
        Require(
            application.MinimumSignatureVersion is 1 or 2,
            nameof(Application.MinimumSignatureVersion),
            $"The oldest signature version must be 1 or 2, not {application.MinimumSignatureVersion}.");
        Require(application.AllowedIps.Length <= MaxAllowedIps, nameof(Application.AllowedIps), $"The address list may have at most {MaxAllowedIps} entries, not {application.AllowedIps.Length}.");
        Require(
            application.AccessLifetimeSeconds is >= 60 and <= LongestAccessLifetime,
            nameof(Application.AccessLifetimeSeconds),
            $"The lifetime of access tokens must be 60 to {LongestAccessLifetime} s, not {application.AccessLifetimeSeconds} s.");
        Require(
            application.RefreshAbsoluteSeconds is >= 60 and <= LongestSession,
            nameof(Application.RefreshAbsoluteSeconds),
            $"A session's longest life must be 60 to {LongestSession} s (366 days), not {application.RefreshAbsoluteSeconds} s.");
        Require(
            application.RefreshIdleSeconds >= 60 && application.RefreshIdleSeconds <= application.RefreshAbsoluteSeconds,
            nameof(Application.RefreshIdleSeconds),
            $"The time after which an unused session ends must be at least 60 s and at most its longest life ({application.RefreshAbsoluteSeconds} s), not {application.RefreshIdleSeconds} s.");
        OneOf(application.RefreshFormat, nameof(Application.RefreshFormat), "The format of refresh tokens", RefreshFormats.Opaque, RefreshFormats.Jwt);
        OneOf(application.ClaimsProfile, nameof(Application.ClaimsProfile), "The claims profile", ClaimsProfiles.Rfc9068, ClaimsProfiles.Seed);
        Require(
            application.Audience is null || (application.Audience.Length is > 0 and <= MaxAudienceLength && !application.Audience.Any(char.IsControl)),
            nameof(Application.Audience),
            $"The audience must have 1 to {MaxAudienceLength} characters, none of them a control character.");
        Require(
            application.ResourceServers.Length <= MaxResourceServers,
            nameof(Application.ResourceServers),
            $"There may be at most {MaxResourceServers} resource servers, not {application.ResourceServers.Length}.");
        Require(
            application.ResourceServers.Distinct(StringComparer.Ordinal).Count() == application.ResourceServers.Length && !application.ResourceServers.Contains(application.ClientId),
            nameof(Application.ResourceServers),
            $"A resource server is another application, named once.");
        OneOf(application.SessionScope, nameof(Application.SessionScope), "The scope of sessions", SessionScopes.UserDeviceIp, SessionScopes.UserDevice, SessionScopes.User);
        Require(
            application.MaxSessionsPerUser is >= 1 and <= MostSessionsPerUser,
            nameof(Application.MaxSessionsPerUser),
            $"A user may have 1 to {MostSessionsPerUser} sessions at once, not {application.MaxSessionsPerUser}.");
        OneOf(application.IpHandling, nameof(Application.IpHandling), "What is kept of addresses", IpHandlings.Store, IpHandlings.Truncate, IpHandlings.Ignore);
        OneOf(application.DeviceHandling, nameof(Application.DeviceHandling), "What is kept of devices", DeviceHandlings.Store, DeviceHandlings.Ignore);
        return failures;

        void Require(bool holds, string member, FormattableString text)
        {
            if (!holds)
            {
                failures.Add(new RuleFailure(member, text));
            }
        }

        void OneOf(string value, string member, string what, params ReadOnlySpan<string> allowed) =>
            Require(allowed.Contains(value), member, FormattableStringFactory.Create($"{what} must be {{0}}, not '{{1}}'.", string.Join(" or ", allowed), value));
    }
}
