using AuthPlatform.Contracts;
using AuthPlatform.Data;
using AuthPlatform.Data.Auth;
using AuthPlatform.IntegrationTests.Admin;
using AuthPlatform.IntegrationTests.Infrastructure;
using AuthPlatform.MigrationWorker;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Npgsql;

namespace AuthPlatform.IntegrationTests;

/// <summary>The session by which a worker keeps others away: another worker's, and one that somebody has ended before the migration is over.</summary>
public sealed class MigrationTurnTests(AuthPlatformFixture platform)
{
    private readonly FreshDatabases _databases = new(platform);
    private readonly FakeTimeProvider _clock = new(TimeProvider.System.GetUtcNow());

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Migration_WhoseOtherSessionHasEnded_LooksNoMoreAndGoesOn()
    {
        await using var reader = await OpenAsync();
        await using var reading = await HoldSessionsAsync(reader);
        await using var context = await OpenAsync();
        await using var ended = new NpgsqlConnection(context.Database.GetConnectionString());

        var migration = new LiveMigration(context, ended, _clock, NullLogger.Instance).ApplyAsync(Cancellation);
        await UntilAsync(async () => migration.IsCompleted || await reader.IsWaitedForAsync(Cancellation));
        _clock.Advance(TimeSpan.FromSeconds(1));
        await reading.CommitAsync(Cancellation);
        await UntilAsync(() => Task.FromResult(migration.IsCompleted));

        await migration;
        Assert.Empty(await reader.Database.GetPendingMigrationsAsync(Cancellation));
    }

    [Fact]
    public async Task Run_WhoseTurnHasEndedDuringTheMigration_FinishesThatAndSaysInOneLineThatTheRestIsLeft()
    {
        await using var reader = await OpenAsync();
        await using var reading = await HoldSessionsAsync(reader);
        using var logs = new LogCollector();
        using var host = MigrationWorkerParts.Build(await _databases.EnvironmentAsync(Cancellation), _clock, logs);

        var run = MigrationRunner.RunToExitCodeAsync(host);
        await Eventually.TrueAsync(async () => run.IsCompleted || await reader.IsWaitedForAsync(Cancellation), Cancellation);
        Assert.Equal("true", await EndTurnAsync());
        // It looks who is in the way, and notices.
        _clock.Advance(TimeSpan.FromSeconds(1));
        await reading.CommitAsync(Cancellation);
        await UntilAsync(() => Task.FromResult(run.IsCompleted));

        Assert.Equal(1, await run);
        var reason = Assert.Single(logs.Lines, line => line.Contains("The databases are not ready", StringComparison.Ordinal));
        Assert.Contains("has ended meanwhile. It is migrated; run this again for the rest", reason, StringComparison.Ordinal);
        Assert.Empty(await reader.Database.GetPendingMigrationsAsync(Cancellation));
    }

    [Fact]
    public async Task Run_WhileAnotherWorkerHasItsTurn_SaysThatItWaitsAndGoesOnAfterIt()
    {
        var settings = await _databases.MigratedAsync(Cancellation);
        using var logs = new LogCollector();
        using var host = MigrationWorkerParts.Build(settings, _clock, logs);
        await using var other = new NpgsqlConnection(settings["ConnectionStrings__keysdb"]);
        await other.OpenAsync(Cancellation);
        await using var turn = await other.BeginTransactionAsync(Cancellation);
        await using var take = new NpgsqlCommand("SELECT pg_advisory_xact_lock($1)", other, turn) { Parameters = { Sql.Value(DatabaseTurns.LockKey) } };
        await take.ExecuteNonQueryAsync(Cancellation);

        var run = MigrationRunner.RunToExitCodeAsync(host);
        await Eventually.TrueAsync(() => Task.FromResult(run.IsCompleted || logs.Lines.Any(line => line.Contains("Another worker is at", StringComparison.Ordinal))), Cancellation);
        Assert.False(run.IsCompleted);
        await turn.CommitAsync(Cancellation);

        Assert.Equal(0, await run.WaitAsync(Eventually.Patience, Cancellation));
        var waits = Assert.Single(logs.Lines, line => line.Contains("Another worker is at", StringComparison.Ordinal));
        Assert.Contains($"Another worker is at {other.Database}: ", waits, StringComparison.Ordinal);
    }

    /// <summary>Time goes on meanwhile.</summary>
    private Task UntilAsync(Func<Task<bool>> condition) => Eventually.TrueAsync(
        () =>
        {
            _clock.Advance(TimeSpan.FromSeconds(1));
            return condition();
        },
        Cancellation);

    /// <summary>Of a database that has to be migrated, so that whoever does it waits.</summary>
    private static async Task<IDbContextTransaction> HoldSessionsAsync(AuthDbContext reader)
    {
        await reader.Database.MigrateAsync("20261125223000_SessionsTogether", Cancellation);
        var reading = await reader.Database.BeginTransactionAsync(Cancellation);
        await reader.Database.ExecuteSqlAsync($"LOCK TABLE sessions IN ACCESS SHARE MODE", Cancellation);
        return reading;
    }

    /// <summary>Waits until it is gone.</summary>
    private Task<string> EndTurnAsync() => _databases.ReadAsync(
        ResourceNames.AuthDatabase,
        """
        SELECT string_agg(pg_terminate_backend(pid, 60000)::text, ' ') FROM pg_stat_activity
        WHERE datname = current_database() AND state = 'idle' AND query LIKE 'SELECT pg_advisory_lock(%'
        """,
        Cancellation);

    private async Task<AuthDbContext> OpenAsync() =>
        new(new DbContextOptionsBuilder<AuthDbContext>().UseNpgsql(await _databases.ConnectionStringAsync(ResourceNames.AuthDatabase, Cancellation)).Options);
}
