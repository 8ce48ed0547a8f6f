using AuthPlatform.Contracts;
using AuthPlatform.Data.Auth;
using AuthPlatform.IntegrationTests.Infrastructure;
using StackExchange.Redis;

namespace AuthPlatform.IntegrationTests;

/// <summary>How revocations come to stand in Redis, whoever writes them in whatever order.</summary>
public sealed class RevocationKeyTests(AuthPlatformFixture platform)
{
    /// <summary>A session is replaced with a grace, and revoked meanwhile: the one who replaced it may be the last to say so.</summary>
    [Theory]
    [InlineData(0, 30)]
    [InlineData(30, 0)]
    public async Task Write_OfTwoAboutOneSession_TheEarlierOneCounts(int first, int second)
    {
        await using var connection = await ConnectionMultiplexer.ConnectAsync((await platform.App.GetConnectionStringAsync(ResourceNames.Redis, TestContext.Current.CancellationToken))!);
        var (redis, session, now) = (connection.GetDatabase(), Guid.CreateVersion7(), TimeProvider.System.GetUtcNow());
        foreach (var seconds in new[] { first, second })
        {
            await RevocationKeys.WriteAsync(redis, [new RevokedTokens(session, null, now.AddSeconds(seconds), now.AddMinutes(1))], now);
        }

        // Also for a verifier whose clock is behind that of the one who revoked.
        Assert.True(RevocationKeys.IsEffective(await redis.StringGetAsync(RevocationKeys.Of(session, null)), now.AddSeconds(-20)));
    }
}
