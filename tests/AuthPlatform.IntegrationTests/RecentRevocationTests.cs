using AuthPlatform.Contracts;
using AuthPlatform.Data;
using AuthPlatform.Data.Auth;
using AuthPlatform.IntegrationTests.Infrastructure;
using AuthPlatform.TokenApi.Tokens;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Npgsql;

namespace AuthPlatform.IntegrationTests;

/// <summary>What Redis is told, each time that a user is signed out, of all that has just been revoked of the application.</summary>
public sealed class RecentRevocationTests : IAsyncLifetime
{
    private const string Revoke =
        """
        INSERT INTO revocations (application_id, revoked_id, reason, revoked_at, effective_at, until)
        SELECT $1, gen_random_uuid(), 'revoked', now() - $3, now() - $3, now() + interval '1 day' FROM generate_series(1, $2)
        """;

    private readonly FreshDatabases _databases;
    private readonly CountingRedis _redis;
    private readonly Guid _application = Guid.CreateVersion7();
    private NpgsqlDataSource _dataSource = null!;
    private RecentRevocations _recent = null!;

    public RecentRevocationTests(AuthPlatformFixture platform)
    {
        _databases = new FreshDatabases(platform);
        _redis = CountingRedis.Create();
    }

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        await _databases.MigratedAsync(Cancellation, ResourceNames.AuthDatabase);
        _dataSource = NpgsqlDataSource.Create(await _databases.ConnectionStringAsync(ResourceNames.AuthDatabase, Cancellation));
        // Time stands still: nobody loses patience with Redis.
        var clock = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        var announcer = new RevocationAnnouncer(_redis.Connection, _dataSource, clock, NullLogger<RevocationAnnouncer>.Instance);
        _recent = new RecentRevocations(_dataSource, announcer, clock);
    }

    public ValueTask DisposeAsync() => _dataSource.DisposeAsync();

    [Fact]
    public async Task Announce_AgainAndAgain_TellsWhatIsNewOfTheApplication()
    {
        const int Many = 6000;
        await RevokeAsync(_application, Many);
        // Everybody knows by now.
        await RevokeAsync(_application, 1, TimeSpan.FromMinutes(2));
        Assert.Equal(Many, await AnnounceAsync(Cancellation));
        Assert.Equal(0, await AnnounceAsync(Cancellation));

        await RevokeAsync(_application, 2);
        await RevokeAsync(Guid.CreateVersion7(), 3);
        Assert.Equal(2, await AnnounceAsync(Cancellation));
        Assert.Equal(0, await AnnounceAsync(Cancellation));
    }

    /// <summary>Others would wait for that time.</summary>
    [Fact]
    public async Task Announce_OfWhatSomebodyEndedWhoseClockIsAhead_TellsThatItCountsAtOnce()
    {
        await RevokeAsync(_application, 1, TimeSpan.FromSeconds(-10));

        Assert.Equal(1, await AnnounceAsync(Cancellation));

        Assert.Equal(0, _redis.Last);
    }

    [Fact]
    public async Task Announce_OfATransactionThatBeganBeforeTheLastTime_TellsItToo()
    {
        await using var connection = await _dataSource.OpenConnectionAsync(Cancellation);
        await using var transaction = await connection.BeginTransactionAsync(Cancellation);
        await using var slow = new NpgsqlCommand(Revoke, connection, transaction) { Parameters = { Sql.Value(_application), Sql.Value(1), Sql.Value(TimeSpan.Zero) } };
        await slow.ExecuteNonQueryAsync(Cancellation);
        await RevokeAsync(_application, 2);
        Assert.Equal(2, await AnnounceAsync(Cancellation));

        await transaction.CommitAsync(Cancellation);

        Assert.Equal(1, await AnnounceAsync(Cancellation));
    }

    [Fact]
    public async Task Announce_AfterAServerHasTakenOver_TellsAllAgain()
    {
        await RevokeAsync(_application, 3);
        Assert.Equal(3, await AnnounceAsync(Cancellation));

        await using var takeOver = _dataSource.CreateCommand("CREATE OR REPLACE FUNCTION database_timeline() RETURNS int LANGUAGE sql AS 'SELECT 2'");
        await takeOver.ExecuteNonQueryAsync(Cancellation);

        Assert.Equal(3, await AnnounceAsync(Cancellation));
        Assert.Equal(0, await AnnounceAsync(Cancellation));
    }

    [Fact]
    public async Task Announce_AfterACallerHasHungUpBeforeRedisAnswered_TellsAllAgain()
    {
        await RevokeAsync(_application, 3);
        using var hungUp = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        _redis.Answer = new TaskCompletionSource<bool>().Task;
        var announcing = AnnounceAsync(hungUp.Token);
        await Eventually.TrueAsync(() => Task.FromResult(_redis.Written == 3), Cancellation);
        await hungUp.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => announcing);
        _redis.Answer = Task.FromResult(true);

        Assert.Equal(3, await AnnounceAsync(Cancellation));
    }

    private async Task RevokeAsync(Guid application, int count, TimeSpan age = default)
    {
        await using var command = _dataSource.CreateCommand(Revoke, Sql.Value(application), Sql.Value(count), Sql.Value(age));
        await command.ExecuteNonQueryAsync(Cancellation);
    }

    /// <summary>How many revocations Redis was told.</summary>
    private async Task<int> AnnounceAsync(CancellationToken cancellationToken)
    {
        var before = _redis.Written;
        await _recent.AnnounceAsync(_application, cancellationToken);
        return _redis.Written - before;
    }
}
