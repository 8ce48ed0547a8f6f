using System.CommandLine;
using System.Globalization;
using AuthPlatform.Cli.Output;
using AuthPlatform.Cli.Running;
using Microsoft.EntityFrameworkCore;

namespace AuthPlatform.Cli.Apps;

/// <summary><c>authplatform apps list</c>.</summary>
internal static class ListApps
{
    public static Command Create(Terminal terminal)
    {
        var command = new Command("list", "List all applications with their state and when they last signed a request");
        command.Run(terminal, Stores.AuthDatabase, HandleAsync);
        return command;
    }

    private static async Task<int> HandleAsync(Invocation invocation)
    {
        var now = await invocation.AuthDatabase.ReadTimeAsync(invocation.Cancellation);
        var apps = await invocation.AuthDatabase.Applications
            .OrderBy(a => a.ClientId)
            .Select(a => new Row(
                a.ClientId,
                a.Name,
                a.Enabled,
                a.Secrets.Count(s => s.ExpiresAt == null || s.ExpiresAt > now),
                a.Secrets.Max(s => s.LastUsedAt),
                a.CreatedAt))
            .ToListAsync(invocation.Cancellation);
        return invocation.Show(apps, output => Table.Write(
            output,
            ["CLIENT ID", "NAME", "STATE", "SECRETS", "LAST USED", "CREATED"],
            apps.Select(a => new[]
            {
                a.ClientId,
                a.Name,
                a.Enabled ? "enabled" : "disabled",
                a.LiveSecrets.ToString(CultureInfo.InvariantCulture),
                a.LastUsedAt is null ? "never" : Text.Time(a.LastUsedAt),
                Text.Time(a.CreatedAt),
            })));
    }

    private sealed record Row(string ClientId, string Name, bool Enabled, int LiveSecrets, DateTimeOffset? LastUsedAt, DateTimeOffset CreatedAt);
}
