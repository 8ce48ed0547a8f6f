using System.Diagnostics.Metrics;
using System.Reflection;
using AuthPlatform.Contracts;
using AuthPlatform.Data.Auth;
using AuthPlatform.IntegrationTests.Infrastructure;
using AuthPlatform.TokenApi.Sessions;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Npgsql;
using StackExchange.Redis;

namespace AuthPlatform.IntegrationTests;

/// <summary>A Redis that answers and takes no writes: it is full, cannot save, or its user may only read.</summary>
public sealed class RefusedWriteTests(AuthPlatformFixture platform)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Revocation_WhileRedisRefusesWrites_WaitsForNoLeaseThatIsRenewedAllTheSame()
    {
        var databases = new FreshDatabases(platform);
        await databases.MigratedAsync(Cancellation, ResourceNames.AuthDatabase);
        await using var dataSource = NpgsqlDataSource.Create(await databases.ConnectionStringAsync(ResourceNames.AuthDatabase, Cancellation));
        await using var services = new ServiceCollection().AddMetrics().BuildServiceProvider();
        var clock = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        var redis = DispatchProxy.Create<IConnectionMultiplexer, FullRedis>();
        var metrics = new RevocationMetrics(services.GetRequiredService<IMeterFactory>(), clock);
        using var copier = new RevocationCopier(redis, dataSource, new Leases(dataSource, clock), metrics, clock, NullLogger<RevocationCopier>.Instance);
        await copier.StartAsync(Cancellation);
        await ((FullRedis)(object)redis).Refused.WaitAsync(Eventually.Patience, TimeProvider.System, Cancellation);
        await copier.StopAsync(Cancellation);

        var announcer = new RevocationAnnouncer(redis, dataSource, clock, NullLogger<RevocationAnnouncer>.Instance);
        var now = clock.GetUtcNow();
        // Time stands still: a wait would not end.
        await announcer.AnnounceAsync([new RevokedTokens(Guid.CreateVersion7(now), null, now, now.AddMinutes(5))], Cancellation)
            .AsTask().WaitAsync(Eventually.Patience, TimeProvider.System, Cancellation);
    }

    /// <summary>
    /// A refresh ends the generation before in half a minute: until then every sentinel that is believed comes from a round of copying that has seen it. What counts sooner must be
    /// there before anybody relies on an older round.
    /// </summary>
    [Theory]
    [InlineData(30, false)]
    [InlineData(19, true)]
    public async Task Revocation_ThatCountsLater_IsToldToRedisOnlyWhenACopyMightMissIt(int seconds, bool told)
    {
        var databases = new FreshDatabases(platform);
        await databases.MigratedAsync(Cancellation, ResourceNames.AuthDatabase);
        await using var dataSource = NpgsqlDataSource.Create(await databases.ConnectionStringAsync(ResourceNames.AuthDatabase, Cancellation));
        var clock = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        var redis = DispatchProxy.Create<IConnectionMultiplexer, FullRedis>();
        var now = clock.GetUtcNow();

        await new RevocationAnnouncer(redis, dataSource, clock, NullLogger<RevocationAnnouncer>.Instance)
            .AnnounceAsync([new RevokedTokens(Guid.CreateVersion7(now), 0, now.AddSeconds(seconds), now.AddMinutes(5))], Cancellation);

        Assert.Equal(told, ((FullRedis)(object)redis).Refused.IsCompleted);
    }

    /// <summary>Says which server it is, and refuses all else.</summary>
    public class FullRedis : DispatchProxy
    {
        private TaskCompletionSource _refused = new(TaskCreationOptions.RunContinuationsAsynchronously);

        /// <summary>Ends with the first refusal.</summary>
        public Task Refused => _refused.Task;

        protected override object? Invoke(MethodInfo? targetMethod, object?[]? args) => targetMethod!.Name switch
        {
            nameof(IConnectionMultiplexer.GetDatabase) => Part<IDatabase>(),
            nameof(IConnectionMultiplexer.GetServer) => Part<IServer>(),
            nameof(IDatabase.CreateBatch) => Part<IBatch>(),
            nameof(IServer.ExecuteAsync) => Task.FromResult(RedisResult.Create((RedisValue)"run_id:1")),
            _ => Refuse(),
        };

        private T Part<T>()
            where T : class
        {
            var part = Create<T, FullRedis>();
            ((FullRedis)(object)part)._refused = _refused;
            return part;
        }

        private Task Refuse()
        {
            _refused.TrySetResult();
            throw new RedisException("OOM command not allowed when used memory > 'maxmemory'.");
        }
    }
}
