using System.Globalization;
using AuthPlatform.Cli.Output;
using AuthPlatform.Contracts;
using AuthPlatform.Data.Auth;

namespace AuthPlatform.Cli.Apps;

/// <summary>An application as it is shown: nothing encrypted, nothing secret.</summary>
internal sealed record AppView(
    string ClientId,
    string Name,
    bool Enabled,
    AppPolicyView Policy,
    IReadOnlyList<SecretView> Secrets,
    DateTimeOffset CreatedAt,
    DateTimeOffset UpdatedAt)
{
    public static AppView Of(Application application, DateTimeOffset now) => new(
        application.ClientId,
        application.Name,
        application.Enabled,
        AppPolicyView.Of(application),
        [.. application.Secrets.OrderBy(s => s.Slot).Select(s => SecretView.Of(s, now))],
        application.CreatedAt,
        application.UpdatedAt);

    public void Write(TextWriter output)
    {
        Table.WriteFields(
            output,
            [
                ("client_id", ClientId),
                ("name", Name),
                ("state", Enabled ? "enabled" : "disabled"),
                .. Policy.Fields(),
                ("created", Text.Time(CreatedAt)),
                ("changed", Text.Time(UpdatedAt)),
            ]);
        output.WriteLine();
        SecretView.Write(output, Secrets);
    }
}

/// <summary>How an application's requests, tokens and sessions are treated.</summary>
internal sealed record AppPolicyView(
    int MinimumSignatureVersion,
    IReadOnlyList<string> AllowedIps,
    int AccessLifetimeSeconds,
    int RefreshIdleSeconds,
    int RefreshAbsoluteSeconds,
    string RefreshFormat,
    string ClaimsProfile,
    string Audience,
    IReadOnlyList<string> ResourceServers,
    string SessionScope,
    int MaxSessionsPerUser,
    string IpHandling,
    string DeviceHandling)
{
    public static AppPolicyView Of(Application application) => new(
        application.MinimumSignatureVersion,
        application.AllowedIps,
        application.AccessLifetimeSeconds,
        application.RefreshIdleSeconds,
        application.RefreshAbsoluteSeconds,
        application.RefreshFormat,
        application.ClaimsProfile,
        application.Audience ?? application.ClientId,
        application.ResourceServers,
        application.SessionScope,
        application.MaxSessionsPerUser,
        application.IpHandling,
        application.DeviceHandling);

    /// <summary>Named like the options that change them.</summary>
    public IEnumerable<(string Name, string Value)> Fields() =>
    [
        ("min-signature", $"v{MinimumSignatureVersion}"),
        ("allowed-ips", Text.List(AllowedIps, ifEmpty: "all")),
        ("access-lifetime", Duration.Write(AccessLifetimeSeconds)),
        ("refresh-idle", Duration.Write(RefreshIdleSeconds)),
        ("refresh-absolute", Duration.Write(RefreshAbsoluteSeconds)),
        ("refresh-format", RefreshFormat),
        ("claims-profile", ClaimsProfile),
        ("audience", Audience),
        ("resource-servers", Text.List(ResourceServers, ifEmpty: "none")),
        ("session-scope", SessionScope),
        ("max-sessions", MaxSessionsPerUser.ToString(CultureInfo.InvariantCulture)),
        ("ip-handling", IpHandling),
        ("device-handling", DeviceHandling),
    ];
}
