using AuthPlatform.Cli.Doctor;

namespace AuthPlatform.UnitTests.Cli;

public sealed class RedisCheckTests
{
    [Theory]
    [InlineData("# Memory\r\nused_memory:1\r\nmaxmemory:1048576\r\nmaxmemory_human:1.00M\r\nmaxmemory_policy:allkeys-lru\r\n", "allkeys-lru")]
    [InlineData("# Memory\r\nmaxmemory:1048576\r\nmaxmemory_policy:volatile-ttl\r\n", "volatile-ttl")]
    [InlineData("# Memory\r\nmaxmemory:1048576\r\nmaxmemory_policy:noeviction\r\n", null)]
    [InlineData("# Memory\r\nmaxmemory:0\r\nmaxmemory_policy:allkeys-lru\r\n", null)]
    [InlineData("# Memory\r\nmaxmemory_policy:allkeys-lru\r\n", null)]
    [InlineData("", null)]
    public void Eviction_ByWhatRedisSaysOfItsMemory_IsThePolicyThatThrowsKeysAway(string info, string? policy) => Assert.Equal(policy, RedisCheck.Eviction(info));
}
