using System.CommandLine;
using System.Globalization;
using AuthPlatform.Cli.Output;
using AuthPlatform.Cli.Running;
using AuthPlatform.Contracts;
using AuthPlatform.Data.Auth;
using AuthPlatform.KeyManager.Keys;
using Microsoft.EntityFrameworkCore;

namespace AuthPlatform.Cli.Keys;

/// <summary><c>authplatform keys list</c>.</summary>
internal static class ListKeys
{
    private static readonly Argument<string?> ClientId = new("client_id") { Description = "Only this application's", Arity = ArgumentArity.ZeroOrOne };
    private static readonly Option<bool> All = new("--all") { Description = "Also those that are over: retired and revoked" };
    private static readonly Option<bool> Sessions = new("--sessions") { Description = "Also count the live sessions that hold a token of each key; reads all of the application's, or without a client_id every session" };

    public static Command Create(Terminal terminal)
    {
        var command = new Command("list", "List keys with their states: next (announced), active (signs), retiring (verifies)") { ClientId, All, Sessions };
        command.Run(terminal, Stores.KeysDatabase, HandleAsync);
        return command;
    }

    private static async Task<int> HandleAsync(Invocation invocation)
    {
        var clientId = invocation.Arguments.GetValue(ClientId);
        var all = invocation.Arguments.GetValue(All);
        if (invocation.Arguments.GetValue(Sessions) && !invocation.Has(ResourceNames.AuthDatabase))
        {
            return invocation.Fail("Sessions are in authdb: set ConnectionStrings__authdb too.");
        }

        var rows = await invocation.KeysDatabase.SigningKeys.AsNoTracking()
            .Where(k => clientId == null || k.ClientId == clientId)
            .ToListAsync(invocation.Cancellation);
        var reaches = invocation.Arguments.GetValue(Sessions) ? await ReachesAsync(invocation, clientId) : null;
        var keys = rows
            .Select(key => KeyView.Of(key, invocation.Now) with { Reach = reaches is null ? null : reaches.GetValueOrDefault(key.Kid, KeyReach.None) })
            .Where(key => all || KeyPolicy.IsPublished(key.State))
            .OrderBy(key => key.ClientId, StringComparer.Ordinal)
            .ThenBy(key => key.State)
            .ThenByDescending(key => key.AnnouncedAt)
            .ToList();
        return invocation.Show(keys, output => Table.Write(
            output,
            ["CLIENT ID", "KID", "STATE", "SINCE", "LEAVES JWKS", "BITS", .. reaches is null ? Array.Empty<string>() : ["SESSIONS", "LAST TOKEN ENDS"]],
            keys.Select(k => (string[])
            [
                k.ClientId,
                k.Kid,
                KeyStates.Name(k.State),
                Text.Time(k.Since),
                Text.Time(k.ExpiresAt),
                k.KeySize.ToString(CultureInfo.InvariantCulture),
                .. k.Reach is { } reach ? [reach.LiveSessions.ToString(CultureInfo.InvariantCulture), Text.Time(reach.LastTokenEndsAt)] : Array.Empty<string>(),
            ])));
    }

    /// <summary>Reads the sessions of the named application alone. One that authdb does not know has none.</summary>
    private static async Task<Dictionary<string, KeyReach>> ReachesAsync(Invocation invocation, string? clientId)
    {
        var database = invocation.AuthDatabase;
        Guid? id = clientId is null ? null : await database.Applications.Where(a => a.ClientId == clientId).Select(a => a.Id).SingleOrDefaultAsync(invocation.Cancellation);
        return await KeyReach.OfAllAsync(database, id, invocation.Now, invocation.Cancellation);
    }
}
