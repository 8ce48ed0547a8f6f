using System.Threading.RateLimiting;
using AuthPlatform.Gateway.Limits;

namespace AuthPlatform.UnitTests.Gateway;

public sealed class LimitTests
{
    [Fact]
    public void Limit_WhoseBucketIsForgottenWhileItIsAsked_IsOpen()
    {
        // The library gives such a bucket to one who looked it up just before it was full for ten seconds.
        using var bucket = Bucket();
        using var limit = new Limit<int>(PartitionedRateLimiter.Create<int, int>(key => RateLimitPartition.Get(key, _ => bucket)));
        Assert.True(limit.TryUse(1));
        Assert.False(limit.IsOpen(1));

        bucket.Dispose();

        Assert.True(limit.IsOpen(1));
        Assert.True(limit.TryUse(1));
    }

    [Fact]
    public void Limit_OfZeroASecond_IsNone()
    {
        using var limit = new Limit<int>(new LimitOptions.Rate(0, 1));

        Assert.All(Enumerable.Range(0, 10), _ => Assert.True(limit.TryUse(1) && limit.IsOpen(1)));
    }

    private static TokenBucketRateLimiter Bucket() =>
        new(new() { TokenLimit = 1, TokensPerPeriod = 1, ReplenishmentPeriod = TimeSpan.FromDays(1), AutoReplenishment = false, QueueLimit = 0 });
}
