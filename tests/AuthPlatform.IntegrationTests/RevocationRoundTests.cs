using System.Diagnostics.Metrics;
using System.Reflection;
using AuthPlatform.Contracts;
using AuthPlatform.IntegrationTests.Infrastructure;
using AuthPlatform.TokenApi.Sessions;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using Npgsql;
using StackExchange.Redis;

namespace AuthPlatform.IntegrationTests;

/// <summary>Rounds of copying revocations that take so long that Redis cannot be believed afterwards: whoever looks for the reason finds it in the log.</summary>
public sealed class RevocationRoundTests(AuthPlatformFixture platform)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>The first copies all of them and looks once more, which must not take long, and each round after it copies the rest.</summary>
    [Theory]
    [InlineData(2, 2)]
    [InlineData(3, 3)]
    [InlineData(1, int.MaxValue)]
    public async Task Round_ThatTakesLongerThanTheSentinelLives_IsToldOnce(int firstSlow, int lastSlow)
    {
        var databases = new FreshDatabases(platform);
        await databases.MigratedAsync(Cancellation, ResourceNames.AuthDatabase);
        await using var dataSource = NpgsqlDataSource.Create(await databases.ConnectionStringAsync(ResourceNames.AuthDatabase, Cancellation));
        await using var services = new ServiceCollection().AddMetrics().BuildServiceProvider();
        var clock = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        var redis = DispatchProxy.Create<IConnectionMultiplexer, SlowRedis>();
        var state = (SlowRedis)(object)redis;
        (state.Clock, state.FirstSlow, state.LastSlow) = (clock, firstSlow, lastSlow);
        using var logs = new LogCollector();
        using var loggers = new LoggerFactory([logs]);
        var metrics = new RevocationMetrics(services.GetRequiredService<IMeterFactory>(), clock);
        using var copier = new RevocationCopier(redis, dataSource, new Leases(dataSource, clock), metrics, clock, loggers.CreateLogger<RevocationCopier>());

        await copier.StartAsync(Cancellation);
        await state.Copied.WaitAsync(Eventually.Patience, TimeProvider.System, Cancellation);
        await copier.StopAsync(Cancellation);

        Assert.Single(logs.Lines, line => line.Contains("A round of copying revocations to Redis took 3.0 s", StringComparison.Ordinal));
    }

    /// <summary>A Redis that is said to know every revocation, whenever somebody looks, and takes three seconds for some of what it is sent.</summary>
    public class SlowRedis : DispatchProxy
    {
        /// <summary>Enough for every kind of round.</summary>
        private const int Enough = 9;

        private readonly TaskCompletionSource _copied = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private SlowRedis? _whole;
        private int _batches;

        internal FakeTimeProvider Clock { get; set; } = null!;

        /// <summary>From which batch on it is slow, counted from one.</summary>
        internal int FirstSlow { get; set; }

        internal int LastSlow { get; set; }

        /// <summary>Ends when it was sent enough batches.</summary>
        public Task Copied => _copied.Task;

        private SlowRedis Whole => _whole ?? this;

        protected override object? Invoke(MethodInfo? targetMethod, object?[]? args)
        {
            switch (targetMethod!.Name)
            {
                case nameof(IConnectionMultiplexer.GetDatabase):
                    return Part<IDatabase>();
                case nameof(IConnectionMultiplexer.GetServer):
                    return Part<IServer>();
                case nameof(IDatabase.CreateBatch):
                    return Part<IBatch>();
                case nameof(IServer.ExecuteAsync):
                    // A round begins: when it has ended, it is time for the next.
                    Whole.Clock.Advance(TimeSpan.FromSeconds(1));
                    return Task.FromResult(RedisResult.Create((RedisValue)"run_id:1"));
                case nameof(IBatch.Execute):
                    Whole.TakeBatch();
                    return null;
                default:
                    return Task.FromResult(true);
            }
        }

        private void TakeBatch()
        {
            _batches++;
            if (_batches >= FirstSlow && _batches <= LastSlow)
            {
                Clock.Advance(TimeSpan.FromSeconds(3));
            }

            if (_batches == Enough)
            {
                _copied.TrySetResult();
            }
        }

        private T Part<T>()
            where T : class
        {
            var part = Create<T, SlowRedis>();
            ((SlowRedis)(object)part)._whole = Whole;
            return part;
        }
    }
}
