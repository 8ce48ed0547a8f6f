using System.Globalization;
using StackExchange.Redis;

namespace AuthPlatform.Data.Auth;

/// <summary>
/// How revocations stand in Redis: a key for each, its value the time from which on it counts (Unix ms; 0 when that is at once, for clocks of verifiers differ), gone by
/// itself when it no longer matters. The braces keep all in one slot of a cluster, because they are asked for together.
/// </summary>
public static class RevocationKeys
{
    /// <summary>The sentinel. While it is there, Redis knows every revocation; its value is the round of copying that last said so.</summary>
    public static readonly RedisKey Complete = "{revocations}:complete";

    private const long AtOnce = 0;

    /// <summary>Written by a replica that copies everything; becomes <see cref="Complete"/>.</summary>
    public static RedisKey Copying(Guid replica) => $"{{revocations}}:copying:{replica:N}";

    /// <summary>The key of a session, of one of its generations, or of a token without a session.</summary>
    public static RedisKey Of(Guid id, int? generation) =>
        generation is null ? $"{{revocations}}:{id:N}" : string.Create(CultureInfo.InvariantCulture, $"{{revocations}}:{id:N}:{generation}");

    /// <summary>Writes all, sent together; the task ends when Redis has answered the last. One that counts later never takes the place of one that stands: that may count already.</summary>
    /// <param name="redis">Where to.</param>
    /// <param name="revoked">What is revoked.</param>
    /// <param name="now">The time of whoever set <see cref="RevokedTokens.EffectiveAt"/>: what counts by then, counts at once.</param>
    public static async Task WriteAsync(IDatabase redis, IEnumerable<RevokedTokens> revoked, DateTimeOffset now)
    {
        var batch = redis.CreateBatch();
        var written = revoked.Where(r => r.Until > now)
            .Select(r => r.EffectiveAt > now
                ? batch.StringSetAsync(Of(r.Id, r.Generation), r.EffectiveAt.ToUnixTimeMilliseconds(), r.Until - now, When.NotExists)
                : batch.StringSetAsync(Of(r.Id, r.Generation), AtOnce, r.Until - now))
            .ToList();
        batch.Execute();
        await Task.WhenAll(written);
    }

    /// <summary>Whether what stands at a key means that its tokens are refused now.</summary>
    public static bool IsEffective(RedisValue value, DateTimeOffset now) => value.HasValue && value.TryParse(out long since) && since <= now.ToUnixTimeMilliseconds();
}
