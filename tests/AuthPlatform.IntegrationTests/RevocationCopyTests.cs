using System.Diagnostics.Metrics;
using System.Reflection;
using AuthPlatform.Contracts;
using AuthPlatform.IntegrationTests.Infrastructure;
using AuthPlatform.TokenApi.Sessions;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Npgsql;
using StackExchange.Redis;

namespace AuthPlatform.IntegrationTests;

/// <summary>Copying every revocation to a Redis that is slow: it takes longer than a lease, and other replicas ask for that lease every second.</summary>
public sealed class RevocationCopyTests(AuthPlatformFixture platform)
{
    private const int Revocations = 2200;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Copy_ThatTakesLongerThanALease_RenewsItMeanwhile()
    {
        await using var dataSource = await OpenAsync("RETURN NEW");

        var redis = await CopyAsync(dataSource, until: redis => Task.FromResult(redis.Completed.IsCompleted));

        Assert.Equal(Revocations, redis.Written);
        // After each full batch, and before the last look; the next rounds come beside.
        Assert.True(await RenewalsAsync(dataSource) > Revocations / 500);
    }

    [Fact]
    public async Task Copy_WhoseLeaseAnotherReplicaHasTaken_Stops()
    {
        await using var dataSource = await OpenAsync("RETURN NULL");

        var redis = await CopyAsync(dataSource, until: async redis => redis.Written > 0 && await RenewalsAsync(dataSource) > 0);

        Assert.Equal(500, redis.Written);
        Assert.False(redis.Completed.IsCompleted);
    }

    private static async Task<SlowRedis> CopyAsync(NpgsqlDataSource dataSource, Func<SlowRedis, Task<bool>> until)
    {
        await using var services = new ServiceCollection().AddMetrics().BuildServiceProvider();
        var clock = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        var redis = DispatchProxy.Create<IConnectionMultiplexer, SlowRedis>();
        var state = (SlowRedis)(object)redis;
        state.Clock = clock;
        var metrics = new RevocationMetrics(services.GetRequiredService<IMeterFactory>(), clock);
        using var copier = new RevocationCopier(redis, dataSource, new Leases(dataSource, clock), metrics, clock, NullLogger<RevocationCopier>.Instance);
        await copier.StartAsync(Cancellation);
        await Eventually.TrueAsync(() => until(state), Cancellation);
        await copier.StopAsync(Cancellation);
        return state;
    }

    /// <summary>A database with revocations that counts how often a lease that was taken is taken again.</summary>
    private async Task<NpgsqlDataSource> OpenAsync(string outcome)
    {
        var databases = new FreshDatabases(platform);
        await databases.MigratedAsync(Cancellation, ResourceNames.AuthDatabase);
        var dataSource = NpgsqlDataSource.Create(await databases.ConnectionStringAsync(ResourceNames.AuthDatabase, Cancellation));
        await using var command = dataSource.CreateCommand(
            $"""
            INSERT INTO revocations (application_id, revoked_id, reason, revoked_at, effective_at, until)
            SELECT gen_random_uuid(), gen_random_uuid(), 'revoked', now(), now(), now() + interval '1 day' FROM generate_series(1, {Revocations});
            CREATE TABLE renewals (at timestamptz);
            CREATE FUNCTION renewed() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN INSERT INTO renewals VALUES (now()); {outcome}; END';
            CREATE TRIGGER renewed BEFORE UPDATE ON leases FOR EACH ROW EXECUTE FUNCTION renewed();
            """);
        await command.ExecuteNonQueryAsync(Cancellation);
        return dataSource;
    }

    private static async Task<long> RenewalsAsync(NpgsqlDataSource dataSource)
    {
        await using var command = dataSource.CreateCommand("SELECT count(*) FROM renewals");
        return (long)(await command.ExecuteScalarAsync(Cancellation))!;
    }

    /// <summary>A Redis that knows nothing yet and takes more than a second for whatever is sent together.</summary>
    public class SlowRedis : DispatchProxy
    {
        private readonly TaskCompletionSource _completed = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private SlowRedis? _whole;
        private int _inBatch;
        private int _written;

        internal FakeTimeProvider Clock { get; set; } = null!;

        /// <summary>The revocations that it was given.</summary>
        public int Written => Volatile.Read(ref _written);

        /// <summary>Ends when it is said to know every revocation.</summary>
        public Task Completed => Whole._completed.Task;

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
                    return Task.FromResult(RedisResult.Create((RedisValue)"run_id:1"));
                case nameof(IBatch.Execute):
                    Whole.Clock.Advance(_inBatch > 0 ? TimeSpan.FromSeconds(1.5) : TimeSpan.Zero);
                    return null;
                case nameof(IDatabase.StringSetAsync) when this is IBatch:
                    _inBatch++;
                    Interlocked.Increment(ref Whole._written);
                    return Task.FromResult(true);
                case nameof(IDatabase.KeyExistsAsync):
                    return Task.FromResult(Completed.IsCompleted);
                case nameof(IDatabase.KeyRenameAsync):
                    Whole._completed.TrySetResult();
                    return Task.FromResult(true);
                default:
                    return Task.FromResult(true);
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
