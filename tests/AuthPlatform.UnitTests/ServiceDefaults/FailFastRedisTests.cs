using AuthPlatform.ServiceDefaults;
using StackExchange.Redis;

namespace AuthPlatform.UnitTests.ServiceDefaults;

public sealed class FailFastRedisTests
{
    /// <summary>Whoever tries less and less often, as the client does by default, goes on without Redis for seconds after it is back.</summary>
    [Fact]
    public void Client_WhoseRedisIsAwayForLong_StillTriesEverySecond()
    {
        var redis = new ConfigurationOptions();

        FailFastRedis.Configure(redis);

        Assert.All(Enumerable.Range(1, 1000), attempt => Assert.True(redis.ReconnectRetryPolicy.ShouldRetry(attempt, 1000)));
    }
}
