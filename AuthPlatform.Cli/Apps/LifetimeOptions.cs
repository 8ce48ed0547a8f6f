using System.CommandLine;
using AuthPlatform.Contracts;
using AuthPlatform.Data.Auth;

namespace AuthPlatform.Cli.Apps;

/// <summary>The options that say how long an application's tokens and sessions live; the same wherever one is made or changed.</summary>
internal sealed class LifetimeOptions
{
    private readonly Option<int?> _accessLifetime = DurationOption.Create("--access-lifetime", "Lifetime of access tokens: 60s to 1h");
    private readonly Option<int?> _refreshIdle = DurationOption.Create("--refresh-idle", "A session that is not refreshed for this long ends");
    private readonly Option<int?> _refreshAbsolute = DurationOption.Create("--refresh-absolute", "A session ends after this long in any case, at most 366d");

    public Option[] All => [_accessLifetime, _refreshIdle, _refreshAbsolute];

    /// <summary>Writes the given ones into the application.</summary>
    public void Apply(ParseResult arguments, Application application)
    {
        application.AccessLifetimeSeconds = arguments.GetValue(_accessLifetime) ?? application.AccessLifetimeSeconds;
        application.RefreshIdleSeconds = arguments.GetValue(_refreshIdle) ?? application.RefreshIdleSeconds;
        application.RefreshAbsoluteSeconds = arguments.GetValue(_refreshAbsolute) ?? application.RefreshAbsoluteSeconds;
    }

    /// <summary>What an application has for each of the given ones, and what it would have by that.</summary>
    public IEnumerable<(string Option, string There, string Wanted)> Compare(ParseResult arguments, Application application)
    {
        (Option<int?> Option, int There)[] all =
        [
            (_accessLifetime, application.AccessLifetimeSeconds), (_refreshIdle, application.RefreshIdleSeconds), (_refreshAbsolute, application.RefreshAbsoluteSeconds),
        ];
        foreach (var (option, there) in all)
        {
            if (arguments.GetValue(option) is { } wanted)
            {
                yield return (option.Name.TrimStart('-'), Duration.Write(there), Duration.Write(wanted));
            }
        }
    }
}
