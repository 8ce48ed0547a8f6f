using System.Diagnostics.Metrics;
using AuthPlatform.Contracts;
using AuthPlatform.IntegrationTests.Infrastructure;
using AuthPlatform.TokenApi.Requests;
using Microsoft.Extensions.DependencyInjection;
using StackExchange.Redis;

namespace AuthPlatform.IntegrationTests;

/// <summary>Questions to Redis that are sent together are answered each by itself.</summary>
public sealed class RedisCallTests(AuthPlatformFixture platform)
{
    [Fact]
    public async Task Ask_ManyAtOnceOneOfThemWrong_AnswersAllOthers()
    {
        await using var redis = await ConnectionMultiplexer.ConnectAsync((await platform.App.GetConnectionStringAsync(ResourceNames.Redis, TestContext.Current.CancellationToken))!);
        await using var services = new ServiceCollection().AddMetrics().BuildServiceProvider();
        var calls = new RedisCalls(redis, services.GetRequiredService<IMeterFactory>(), TimeProvider.System);
        RedisKey key = $"test:{Guid.CreateVersion7()}";
        await redis.GetDatabase().StringSetAsync(key, "no number", TimeSpan.FromMinutes(1));

        var asked = Enumerable.Range(0, 500).Select(number => number == 250
            ? calls.AskAsync("INCR", "INCR test", async database => (RedisValue)await database.StringIncrementAsync(key))
            : calls.AskAsync("ECHO", "ECHO test", async database => (RedisValue)(string?)await database.ExecuteAsync("ECHO", number))).ToList();

        var refused = await Assert.ThrowsAsync<RedisServerException>(() => asked[250]);
        Assert.Contains("integer", refused.Message, StringComparison.Ordinal);
        asked.RemoveAt(250);
        Assert.Equal(Enumerable.Range(0, 500).Where(number => number != 250), (await Task.WhenAll(asked)).Select(answer => (int)answer));
    }
}
