using System.Globalization;
using AuthPlatform.AdminWeb.Components;
using AuthPlatform.Contracts;
using AuthPlatform.Contracts.Addresses;
using AuthPlatform.Data.Auth;

namespace AuthPlatform.AdminWeb.Applications;

/// <summary>The settings of an application as a form holds them: only what is listed here can be changed by a form.</summary>
internal sealed class ApplicationInput
{
    public string? Name { get; set; }

    public string? MinimumSignatureVersion { get; set; }

    /// <summary>One address, network or range in each line.</summary>
    public string? AllowedIps { get; set; }

    public string? AccessLifetime { get; set; }

    public string? RefreshIdle { get; set; }

    public string? RefreshAbsolute { get; set; }

    public string? RefreshFormat { get; set; }

    public string? ClaimsProfile { get; set; }

    public string? Audience { get; set; }

    /// <summary>One client id in each line.</summary>
    public string? ResourceServers { get; set; }

    public string? SessionScope { get; set; }

    public string? MaxSessionsPerUser { get; set; }

    public string? IpHandling { get; set; }

    public string? DeviceHandling { get; set; }

    public static ApplicationInput Of(Application application) => new()
    {
        Name = application.Name,
        MinimumSignatureVersion = application.MinimumSignatureVersion.ToString(CultureInfo.InvariantCulture),
        AllowedIps = string.Join('\n', application.AllowedIps),
        AccessLifetime = Duration.Write(application.AccessLifetimeSeconds),
        RefreshIdle = Duration.Write(application.RefreshIdleSeconds),
        RefreshAbsolute = Duration.Write(application.RefreshAbsoluteSeconds),
        RefreshFormat = application.RefreshFormat,
        ClaimsProfile = application.ClaimsProfile,
        Audience = application.Audience,
        ResourceServers = string.Join('\n', application.ResourceServers),
        SessionScope = application.SessionScope,
        MaxSessionsPerUser = application.MaxSessionsPerUser.ToString(CultureInfo.InvariantCulture),
        IpHandling = application.IpHandling,
        DeviceHandling = application.DeviceHandling,
    };

    /// <summary>Writes all of it into the application and gives everything that is wrong then, by the names of these fields.</summary>
    public IReadOnlyList<RuleFailure> Apply(Application application)
    {
        var failures = new List<RuleFailure>();
        application.Name = Name?.Trim() ?? "";
        application.MinimumSignatureVersion = short.TryParse(MinimumSignatureVersion, NumberStyles.None, CultureInfo.InvariantCulture, out var version) ? version : (short)0;
        application.AllowedIps = Lines(AllowedIps);
        application.AccessLifetimeSeconds = Seconds(AccessLifetime, nameof(AccessLifetime), application.AccessLifetimeSeconds);
        application.RefreshAbsoluteSeconds = Seconds(RefreshAbsolute, nameof(RefreshAbsolute), application.RefreshAbsoluteSeconds);
        application.RefreshIdleSeconds = Seconds(RefreshIdle, nameof(RefreshIdle), application.RefreshIdleSeconds);
        application.RefreshFormat = RefreshFormat ?? "";
        application.ClaimsProfile = ClaimsProfile ?? "";
        application.Audience = string.IsNullOrWhiteSpace(Audience) ? null : Audience.Trim();
        application.ResourceServers = Lines(ResourceServers);
        application.SessionScope = SessionScope ?? "";
        application.MaxSessionsPerUser = int.TryParse(MaxSessionsPerUser, NumberStyles.None, CultureInfo.InvariantCulture, out var most) ? most : 0;
        application.IpHandling = IpHandling ?? "";
        application.DeviceHandling = DeviceHandling ?? "";

        failures.AddRange(AddressFailures(AllowedIps));
        failures.AddRange(application.ResourceServers.Where(id => !ClientId.IsWellFormed(id)).Select(id => new RuleFailure(nameof(ResourceServers), $"'{Cut(id)}' is no client id.")));
        failures.AddRange(ApplicationRules.Check(application).Select(f => f with { Member = FieldOf(f.Member) }));
        return failures;

        int Seconds(string? text, string field, int present)
        {
            if (Duration.Read(text) is { } seconds)
            {
                return seconds;
            }

            failures.Add(new RuleFailure(field, $"Write a number and s, m, h or d, for example 5m or 30d."));
            return present;
        }
    }

    /// <summary>What is wrong, line by line as the form counts them.</summary>
    private static IEnumerable<RuleFailure> AddressFailures(string? text) =>
        (text ?? "").Split('\n')
            .Select((line, index) => (Entry: line.Trim(), Number: index + 1))
            .Where(line => line.Entry.Length > 0 && AddressRange.Parse(line.Entry) is null)
            .Take(20)
            .Select(line => new RuleFailure(nameof(AllowedIps), $"Line {line.Number}: '{Cut(line.Entry)}' is no address, network or range."));

    private static string Cut(string entry) => entry.Length > 60 ? Criterion.Cut(entry, 60) + "…" : entry;

    private static string[] Lines(string? text) => (text ?? "").Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);

    private static string FieldOf(string member) => member switch
    {
        nameof(Application.AccessLifetimeSeconds) => nameof(AccessLifetime),
        nameof(Application.RefreshIdleSeconds) => nameof(RefreshIdle),
        nameof(Application.RefreshAbsoluteSeconds) => nameof(RefreshAbsolute),
        _ => member,
    };
}
