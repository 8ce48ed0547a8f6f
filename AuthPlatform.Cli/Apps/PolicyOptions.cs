using System.CommandLine;
using AuthPlatform.Contracts.Addresses;
using AuthPlatform.Data.Auth;

namespace AuthPlatform.Cli.Apps;

/// <summary>The options that say how an application is treated; the same for creating and for changing one.</summary>
internal sealed class PolicyOptions
{
    /// <summary>The word that empties the address list.</summary>
    private const string All = "all";

    /// <summary>The word that empties the list of resource servers.</summary>
    private const string None = "none";

    /// <summary>The word for "as the client id".</summary>
    private const string Default = "default";

    private readonly Option<int?> _minimumSignature = new("--min-signature") { Description = "Oldest request signature it may use: 1 or 2", HelpName = "version" };
    private readonly Option<string[]> _allowedIps = new("--allowed-ips")
    {
        Description = "Addresses that may call for it, separated by commas: single, 10.0.0.0/8, ranges with '-'; 'all' allows every address",
        HelpName = "list",
    };

    private readonly LifetimeOptions _lifetimes = new();
    private readonly Option<string?> _refreshFormat = new("--refresh-format") { Description = "opaque, or jwt for clients that read the expiry", HelpName = "format" };
    private readonly Option<string?> _claimsProfile = new("--claims-profile") { Description = "rfc9068, or seed for the claims of the older service", HelpName = "profile" };
    private readonly Option<string?> _audience = new("--audience") { Description = "The aud of its access tokens; 'default' is the client id", HelpName = "text" };

    private readonly Option<string[]> _resourceServers = new("--resource-servers")
    {
        Description = "Client ids of the applications that may verify and introspect its tokens, separated by commas; 'none' for none",
        HelpName = "list",
    };

    private readonly Option<string?> _sessionScope = new("--session-scope") { Description = "Which sign-ins are one session: user_device_ip, user_device or user", HelpName = "scope" };
    private readonly Option<int?> _maxSessions = new("--max-sessions") { Description = "Sessions that a user may have at once: 1 to 1000", HelpName = "number" };
    private readonly Option<string?> _ipHandling = new("--ip-handling") { Description = "What is kept of users' addresses: store, truncate or ignore", HelpName = "how" };
    private readonly Option<string?> _deviceHandling = new("--device-handling") { Description = "What is kept of users' devices: store or ignore", HelpName = "how" };

    private Option[] Options =>
    [
        _minimumSignature, _allowedIps, .. _lifetimes.All, _refreshFormat, _claimsProfile, _audience, _resourceServers, _sessionScope, _maxSessions, _ipHandling, _deviceHandling,
    ];

    public void AddTo(Command command)
    {
        foreach (var option in Options)
        {
            command.Options.Add(option);
        }
    }

    /// <summary>Whether one of them was given.</summary>
    public bool AreGiven(ParseResult arguments) => Options.Any(option => arguments.GetResult(option) is not null);

    /// <summary>Writes the given ones into the application and returns all that is wrong then.</summary>
    public IReadOnlyList<string> Apply(ParseResult arguments, Application application)
    {
        if (arguments.GetValue(_minimumSignature) is { } version)
        {
            // A number that does not fit is as wrong as any other that is not 1 or 2.
            application.MinimumSignatureVersion = (short)Math.Clamp(version, short.MinValue, short.MaxValue);
        }

        if (arguments.GetResult(_allowedIps) is not null)
        {
            application.AllowedIps = Split(arguments.GetValue(_allowedIps) ?? [], All);
        }

        _lifetimes.Apply(arguments, application);
        application.RefreshFormat = arguments.GetValue(_refreshFormat) ?? application.RefreshFormat;
        application.ClaimsProfile = arguments.GetValue(_claimsProfile) ?? application.ClaimsProfile;
        if (arguments.GetValue(_audience) is { } audience)
        {
            application.Audience = audience == Default ? null : audience;
        }

        if (arguments.GetResult(_resourceServers) is not null)
        {
            application.ResourceServers = Split(arguments.GetValue(_resourceServers) ?? [], None);
        }

        application.SessionScope = arguments.GetValue(_sessionScope) ?? application.SessionScope;
        application.MaxSessionsPerUser = arguments.GetValue(_maxSessions) ?? application.MaxSessionsPerUser;
        application.IpHandling = arguments.GetValue(_ipHandling) ?? application.IpHandling;
        application.DeviceHandling = arguments.GetValue(_deviceHandling) ?? application.DeviceHandling;
        return
        [
            .. Blank(arguments, _allowedIps, All, "allow every address"),
            .. Blank(arguments, _resourceServers, None, "let nobody else see its tokens"),
            .. ApplicationRules.Check(application).Select(failure => failure.Message),
            .. application.AllowedIps.Where(entry => AddressRange.Parse(entry) is null).Select(entry => $"'{entry}' is no address, network or range, so it would allow nobody."),
        ];
    }

    /// <summary>What is wrong with a list that was given and names nothing: a variable that a script has not set, for instance, must not open an application.</summary>
    private static string[] Blank(ParseResult arguments, Option<string[]> option, string word, string meaning)
    {
        var values = arguments.GetResult(option) is null ? [word] : arguments.GetValue(option) ?? [];
        return Split(values, word).Length == 0 && !values.Contains(word) ? [$"{option.Name} names nothing: say '{word}' to {meaning}."] : [];
    }

    private static string[] Split(string[] values, string empty) =>
        values is [var only] && only == empty ? [] : [.. values.SelectMany(value => value.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))];
}
