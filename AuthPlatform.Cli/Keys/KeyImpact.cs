using AuthPlatform.Cli.Output;
using AuthPlatform.Cli.Running;
using AuthPlatform.Data.Auth;
using Microsoft.EntityFrameworkCore;

namespace AuthPlatform.Cli.Keys;

/// <summary>What is lost with a key, said before it is.</summary>
internal static class KeyImpact
{
    /// <summary>An emergency waits no longer for a number, which of a hundred million sessions takes minutes.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    /// <summary>The key that signs, of which an application has one at most; null when it has none.</summary>
    public static Task<string?> FindActiveAsync(Invocation invocation, string clientId) => invocation.KeysDatabase.SigningKeys
        .Where(k => k.ClientId == clientId && k.ActivatedAt != null && k.SupersededAt == null && k.RevokedAt == null)
        .Select(k => k.Kid)
        .SingleOrDefaultAsync(invocation.Cancellation);

    /// <summary>Asks for a key by name; null when it may go.</summary>
    public static async Task<int?> ConfirmAsync(Invocation invocation, Application application, string kid)
    {
        if (invocation.Arguments.GetValue(GlobalOptions.Yes))
        {
            // Nobody would read it.
            return null;
        }

        return invocation.Confirm(
            $"Everything that {kid} signed will be refused within a second. {await CountAsync(invocation, application, kid)}. "
            + "They go on with one refresh; where refresh tokens are JWTs, their users sign in again.");
    }

    /// <summary>Reads the sessions of this key alone, by the index of an application's keys.</summary>
    private static async Task<string> CountAsync(Invocation invocation, Application application, string kid)
    {
        var database = invocation.AuthDatabase;
        database.Database.SetCommandTimeout(Patience);
        try
        {
            var reach = await KeyReach.OfAsync(database, application.Id, kid, invocation.Now, limit: null, invocation.Cancellation);
            var tokens = reach.LastTokenEndsAt is { } end ? $"the last of their tokens would end at {Text.Time(end)}" : "none of their tokens is alive";
            return $"{reach.LiveSessions} live session(s) have their newest token from it; {tokens}";
        }
        catch (Exception exception) when (Runner.Outage(exception) is not null)
        {
            return "Its sessions could not be counted";
        }
    }
}
