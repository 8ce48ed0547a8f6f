using AuthPlatform.Cli.Output;
using AuthPlatform.Cli.Running;
using AuthPlatform.Data.Auth;
using AuthPlatform.KeyManager.Keys;
using Microsoft.EntityFrameworkCore;

namespace AuthPlatform.Cli.Keys;

/// <summary>What is lost with a key, said before it is.</summary>
internal static class KeyImpact
{
    /// <summary>Asks for the key in a state, of which an application has one at most; null when it may go.</summary>
    public static async Task<int?> ConfirmAsync(Invocation invocation, string clientId, KeyState state)
    {
        var keys = await invocation.KeysDatabase.SigningKeys.AsNoTracking().Where(k => k.ClientId == clientId).ToListAsync(invocation.Cancellation);
        return KeyPolicy.Find(keys, state, invocation.Now) is { } key ? await ConfirmAsync(invocation, key.Kid) : null;
    }

    /// <summary>Asks for a key by name; null when it may go.</summary>
    public static async Task<int?> ConfirmAsync(Invocation invocation, string kid)
    {
        var reach = (await KeyReach.OfAllAsync(invocation.AuthDatabase, null, invocation.Now, invocation.Cancellation)).GetValueOrDefault(kid, KeyReach.None);
        var tokens = reach.LastTokenEndsAt is { } end ? $"the last of their tokens would end at {Text.Time(end)}" : "none of their tokens is alive";
        return invocation.Confirm(
            $"Everything that {kid} signed will be refused within a second. {reach.LiveSessions} live session(s) have their newest token from it; {tokens}. "
            + "They go on with one refresh; where refresh tokens are JWTs, their users sign in again.");
    }
}
