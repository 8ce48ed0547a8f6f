using AuthPlatform.Data.Auth;
using Microsoft.EntityFrameworkCore;

namespace AuthPlatform.AdminWeb.Applications;

/// <summary>What hangs on a key.</summary>
/// <param name="Sessions">Live sessions whose newest access token it signed.</param>
/// <param name="Tokens">How many of these tokens are alive.</param>
/// <param name="Until">When the last of them ends; null when none is.</param>
internal sealed record KeyReach(long Sessions, long Tokens, DateTimeOffset? Until)
{
    public static readonly KeyReach None = new(0, 0, null);

    /// <summary>Of every key of an application that has one, by <c>kid</c>.</summary>
    public static Task<Dictionary<string, KeyReach>> OfAllAsync(AuthDbContext database, Guid applicationId, DateTimeOffset now, CancellationToken cancellationToken) =>
        database.Sessions
            .Where(s => s.ApplicationId == applicationId && s.IdleExpiresAt > now)
            .GroupBy(s => s.KeyId)
            .Select(g => new { g.Key, Sessions = g.LongCount(), Tokens = g.LongCount(s => s.TokensUntil > now), Until = g.Max(s => s.TokensUntil) })
            .ToDictionaryAsync(g => g.Key, g => new KeyReach(g.Sessions, g.Tokens, g.Until > now ? g.Until : null), StringComparer.Ordinal, cancellationToken);
}
