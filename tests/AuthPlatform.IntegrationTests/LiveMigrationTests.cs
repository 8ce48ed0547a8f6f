using AuthPlatform.Contracts;
using AuthPlatform.Data.Auth;
using AuthPlatform.IntegrationTests.Admin;
using AuthPlatform.IntegrationTests.Infrastructure;
using AuthPlatform.MigrationWorker;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Time.Testing;
using Npgsql;

namespace AuthPlatform.IntegrationTests;

/// <summary>A new release, while somebody is at a table for longer than any request: with a search, with a forgotten psql, or the server itself with a vacuum.</summary>
public sealed class LiveMigrationTests(AuthPlatformFixture platform)
{
    private readonly FreshDatabases _databases = new(platform);
    private readonly FakeTimeProvider _clock = new(TimeProvider.System.GetUtcNow());

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Migration_OfATableThatSomebodyIsAtForLong_LetsOthersPassUntilItIsFree()
    {
        await using var reader = await OpenAsync();
        await reader.Database.MigrateAsync("20261125223000_SessionsTogether", Cancellation);
        await using var reading = await reader.Database.BeginTransactionAsync(Cancellation);
        await reader.Database.ExecuteSqlAsync($"LOCK TABLE sessions IN ACCESS SHARE MODE", Cancellation);
        var process = ((NpgsqlConnection)reader.Database.GetDbConnection()).ProcessID;
        using var logs = new LogCollector();
        using var host = MigrationWorkerParts.Build(await _databases.EnvironmentAsync(Cancellation), _clock, logs);
        var run = MigrationRunner.RunToExitCodeAsync(host);
        await Eventually.TrueAsync(async () => run.IsCompleted || await reader.IsWaitedForAsync(Cancellation), Cancellation);
        // It looks who is in the way.
        _clock.Advance(TimeSpan.FromSeconds(1));

        // Behind the migration, which wants the table for itself, this waits at first.
        await using var other = await OpenAsync();
        Assert.Equal(0, await other.Sessions.CountAsync(Cancellation));
        Assert.False(run.IsCompleted, string.Join('\n', logs.Lines));
        await UntilAsync(() => run.IsCompleted || logs.Lines.Any(line => line.Contains($"sessions is used by process {process} ", StringComparison.Ordinal)));
        Assert.False(run.IsCompleted);

        await reading.CommitAsync(Cancellation);
        await UntilAsync(() => run.IsCompleted);
        Assert.True(await run == 0, string.Join('\n', logs.Lines));
        Assert.Empty(await reader.Database.GetPendingMigrationsAsync(Cancellation));
    }

    /// <summary>Time goes on meanwhile.</summary>
    private Task UntilAsync(Func<bool> condition) => Eventually.TrueAsync(
        () =>
        {
            _clock.Advance(TimeSpan.FromSeconds(1));
            return Task.FromResult(condition());
        },
        Cancellation);

    private async Task<AuthDbContext> OpenAsync() =>
        new(new DbContextOptionsBuilder<AuthDbContext>().UseNpgsql(await _databases.ConnectionStringAsync(ResourceNames.AuthDatabase, Cancellation)).Options);
}
