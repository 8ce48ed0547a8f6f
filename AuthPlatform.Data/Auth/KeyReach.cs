using Microsoft.EntityFrameworkCore;

namespace AuthPlatform.Data.Auth;

/// <summary>What hangs on a signing key.</summary>
/// <param name="LiveSessions">Live sessions whose newest access token it signed.</param>
/// <param name="LiveTokens">How many of these tokens are alive.</param>
/// <param name="LastTokenEndsAt">When the last of them ends; null when none is.</param>
public sealed record KeyReach(long LiveSessions, long LiveTokens, DateTimeOffset? LastTokenEndsAt)
{
    /// <summary>That of a key that nothing hangs on.</summary>
    public static KeyReach None { get; } = new(0, 0, null);

    /// <summary>That of one key, by the index of an application's keys.</summary>
    /// <param name="database">Where the sessions are.</param>
    /// <param name="applicationId">Whose key.</param>
    /// <param name="kid">Its name.</param>
    /// <param name="now">What is alive at this time.</param>
    /// <param name="limit">How many sessions are read at most, and everything is said of these; null for all, of which there may be a hundred million.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public static async Task<KeyReach> OfAsync(AuthDbContext database, Guid applicationId, string kid, DateTimeOffset now, int? limit, CancellationToken cancellationToken)
    {
        var live = database.Sessions.Where(s => s.ApplicationId == applicationId && s.KeyId == kid && s.IdleExpiresAt > now);
        var found = await (limit is { } most ? live.OrderBy(s => s.Id).Take(most) : live)
            .GroupBy(s => s.KeyId)
            .Select(g => new { Sessions = g.LongCount(), Tokens = g.LongCount(s => s.TokensUntil > now), Until = g.Max(s => s.TokensUntil) })
            .SingleOrDefaultAsync(cancellationToken);
        return found is null ? None : new KeyReach(found.Sessions, found.Tokens, found.Until > now ? found.Until : null);
    }

    /// <summary>That of every key that has one, by <c>kid</c>.</summary>
    /// <param name="database">Where the sessions are.</param>
    /// <param name="applicationId">Whose keys; null for all, which reads every session.</param>
    /// <param name="now">What is alive at this time.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public static Task<Dictionary<string, KeyReach>> OfAllAsync(AuthDbContext database, Guid? applicationId, DateTimeOffset now, CancellationToken cancellationToken) =>
        (applicationId is { } id ? database.Sessions.Where(s => s.ApplicationId == id) : database.Sessions)
            .Where(s => s.IdleExpiresAt > now)
            .GroupBy(s => s.KeyId)
            .Select(g => new { g.Key, Sessions = g.LongCount(), Tokens = g.LongCount(s => s.TokensUntil > now), Until = g.Max(s => s.TokensUntil) })
            .ToDictionaryAsync(g => g.Key, g => new KeyReach(g.Sessions, g.Tokens, g.Until > now ? g.Until : null), StringComparer.Ordinal, cancellationToken);
}
