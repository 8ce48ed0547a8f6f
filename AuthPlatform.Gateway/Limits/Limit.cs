using System.Threading.RateLimiting;

namespace AuthPlatform.Gateway.Limits;

/// <summary>A token bucket for each caller of one kind. Those at rest are forgotten after a while.</summary>
internal sealed class Limit<TKey>(LimitOptions.Rate rate) : IDisposable
    where TKey : notnull
{
    private readonly PartitionedRateLimiter<TKey>? _buckets = rate.PerSecond == 0
        ? null
        : PartitionedRateLimiter.Create<TKey, TKey>(key => RateLimitPartition.GetTokenBucketLimiter(key, _ => Bucket(rate)));

    /// <summary>Uses a permit; false when there is none. With at least one a second, the next is never further than that.</summary>
    public bool TryUse(TKey key)
    {
        if (_buckets is null)
        {
            return true;
        }

        using var lease = _buckets.AttemptAcquire(key);
        return lease.IsAcquired;
    }

    /// <summary>Whether there is a permit, for what shows only later to be one that is used. (A lease of zero permits would be had for a fraction of one.)</summary>
    public bool IsOpen(TKey key) => _buckets?.GetStatistics(key) is not { CurrentAvailablePermits: < 1 };

    public void Dispose() => _buckets?.Dispose();

    private static TokenBucketRateLimiterOptions Bucket(LimitOptions.Rate rate) => new()
    {
        TokenLimit = rate.Burst,
        TokensPerPeriod = rate.PerSecond,
        ReplenishmentPeriod = TimeSpan.FromSeconds(1),
        QueueLimit = 0,
    };
}
