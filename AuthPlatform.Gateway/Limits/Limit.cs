using System.Threading.RateLimiting;

namespace AuthPlatform.Gateway.Limits;

/// <summary>
/// A token bucket for each caller of one kind. Those at rest are forgotten after a while, and a bucket from which nothing is taken is at rest however often it is asked:
/// it may be gone between being found and being asked (dotnet/runtime#99865). Only a full one is forgotten, so what is gone is open.
/// </summary>
internal sealed class Limit<TKey>(PartitionedRateLimiter<TKey>? buckets) : IDisposable
    where TKey : notnull
{
    public Limit(LimitOptions.Rate rate)
        : this(rate.PerSecond == 0 ? null : PartitionedRateLimiter.Create<TKey, TKey>(key => RateLimitPartition.GetTokenBucketLimiter(key, _ => Bucket(rate))))
    {
    }

    /// <summary>Uses a permit; false when there is none. With at least one a second, the next is never further than that.</summary>
    public bool TryUse(TKey key)
    {
        try
        {
            using var lease = buckets?.AttemptAcquire(key);
            return lease is not { IsAcquired: false };
        }
        catch (ObjectDisposedException)
        {
            return true;
        }
    }

    /// <summary>Whether there is a permit, for what shows only later to be one that is used. (A lease of zero permits would be had for a fraction of one.)</summary>
    public bool IsOpen(TKey key)
    {
        try
        {
            return buckets?.GetStatistics(key) is not { CurrentAvailablePermits: < 1 };
        }
        catch (ObjectDisposedException)
        {
            return true;
        }
    }

    public void Dispose() => buckets?.Dispose();

    private static TokenBucketRateLimiterOptions Bucket(LimitOptions.Rate rate) => new()
    {
        TokenLimit = rate.Burst,
        TokensPerPeriod = rate.PerSecond,
        ReplenishmentPeriod = TimeSpan.FromSeconds(1),
        QueueLimit = 0,
    };
}
