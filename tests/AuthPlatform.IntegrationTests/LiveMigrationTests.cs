using System.Diagnostics;
using AuthPlatform.Contracts;
using AuthPlatform.Data.Auth;
using AuthPlatform.IntegrationTests.Admin;
using AuthPlatform.IntegrationTests.Infrastructure;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace AuthPlatform.IntegrationTests;

/// <summary>A new release, while somebody is at a table for longer than any request: with a search, with a forgotten psql, or the server itself with a vacuum.</summary>
public sealed class LiveMigrationTests(AuthPlatformFixture platform)
{
    private readonly FreshDatabases _databases = new(platform);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Migration_OfATableThatSomebodyIsAtForLong_LetsOthersPassUntilItIsFree()
    {
        await using var reader = await OpenAsync();
        await reader.Database.MigrateAsync("20261125223000_SessionsTogether", Cancellation);
        await using var reading = await reader.Database.BeginTransactionAsync(Cancellation);
        await reader.Database.ExecuteSqlAsync($"LOCK TABLE sessions IN ACCESS SHARE MODE", Cancellation);
        var process = ((NpgsqlConnection)reader.Database.GetDbConnection()).ProcessID;
        var worker = ServiceProcess.Start("AuthPlatform.MigrationWorker", await _databases.EnvironmentAsync(Cancellation));
        await Eventually.TrueAsync(async () => worker.HasExited || await reader.IsWaitedForAsync(Cancellation), Cancellation);

        // Behind the migration, which wants the table for itself, this waits at first.
        await using var other = await OpenAsync();
        Assert.Equal(0, await other.Sessions.CountAsync(Cancellation));
        await ReadUntilAsync(worker, $"sessions is used by process {process} ");

        await reading.CommitAsync(Cancellation);
        var (exitCode, log) = await worker.FinishAsync(Cancellation);
        Assert.True(exitCode == 0, log);
        Assert.Empty(await reader.Database.GetPendingMigrationsAsync(Cancellation));
    }

    private static async Task ReadUntilAsync(Process worker, string words)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        patience.CancelAfter(Eventually.Patience);
        string? line;
        do
        {
            line = await worker.StandardOutput.ReadLineAsync(patience.Token);
            Assert.NotNull(line);
        }
        while (!line.Contains(words, StringComparison.Ordinal));
    }

    private async Task<AuthDbContext> OpenAsync() =>
        new(new DbContextOptionsBuilder<AuthDbContext>().UseNpgsql(await _databases.ConnectionStringAsync(ResourceNames.AuthDatabase, Cancellation)).Options);
}
