using AuthPlatform.Cli.Running;
using Microsoft.EntityFrameworkCore;

namespace AuthPlatform.Cli.Keys;

/// <summary>What hangs on a key: the live sessions whose newest access token it signed.</summary>
/// <param name="LiveSessions">How many there are.</param>
/// <param name="LastTokenEndsAt">When the last of their tokens ends; null when none is alive.</param>
internal sealed record KeyReach(long LiveSessions, DateTimeOffset? LastTokenEndsAt)
{
    public static readonly KeyReach None = new(0, null);

    /// <summary>Of every key that has one, by <c>kid</c>.</summary>
    public static async Task<Dictionary<string, KeyReach>> OfAllAsync(Invocation invocation)
    {
        var now = invocation.Now;
        return await invocation.AuthDatabase.Sessions
            .Where(s => s.IdleExpiresAt > now)
            .GroupBy(s => s.KeyId)
            .Select(g => new { g.Key, Count = g.LongCount(), Until = g.Max(s => s.TokensUntil) })
            .ToDictionaryAsync(g => g.Key, g => new KeyReach(g.Count, g.Until > now ? g.Until : null), StringComparer.Ordinal, invocation.Cancellation);
    }
}
