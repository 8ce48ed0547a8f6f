using System.Diagnostics.Metrics;
using AuthPlatform.Contracts;
using AuthPlatform.IntegrationTests.Infrastructure;
using AuthPlatform.TokenApi.Cleanup;
using AuthPlatform.TokenApi.Sessions;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using Npgsql;

namespace AuthPlatform.IntegrationTests;

/// <summary>What has expired goes by itself, and nothing else.</summary>
public sealed class CleanupTests(AuthPlatformFixture platform)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Cleanup_OfMoreThanABatch_DeletesTheExpiredAndKeepsTheLiving()
    {
        var application = await platform.CreateApplicationAsync(_ => { }, Cancellation);
        var live = await platform.IssueAsync(application, "live", Cancellation);
        await using var database = await platform.OpenAuthDatabaseAsync(Cancellation);
        var id = await database.Applications.Where(a => a.ClientId == application.ClientId).Select(a => a.Id).SingleAsync(Cancellation);
        await database.Database.ExecuteSqlAsync(
            $"""
            INSERT INTO sessions (id, application_id, unique_key, device, device_hash, ip, key_id, created_at, refreshed_at, tokens_until, idle_expires_at, absolute_expires_at)
            SELECT gen_random_uuid(), {id}, 'user ' || n, '', sha256(''), '', 'none', t, t, t, CASE WHEN n > 2500 THEN t + interval '1 day' ELSE t END, t + interval '1 day'
            FROM generate_series(1, 4000) n, (SELECT now() - interval '1 hour' AS t);
            INSERT INTO revocations (application_id, revoked_id, reason, revoked_at, effective_at, until)
            SELECT {id}, gen_random_uuid(), 'revoked', now(), now(), now() + n * interval '1 hour' FROM generate_series(-1500, 3) n;
            INSERT INTO replay_entries (key, endpoint, expires_at)
            SELECT sha256((n || {application.ClientId})::bytea), 'test', now() + n * interval '1 hour' - interval '5 minutes' FROM generate_series(-1500, 3) n;
            """,
            Cancellation);

        await Eventually.TrueAsync(async () => await CountAsync(database, id) is (1501, 3, 3), Cancellation);

        // Whoever was looked at too early is looked at again when the end has come.
        await Eventually.TrueAsync(async () => await database.Sessions.AllAsync(s => s.ApplicationId != id || s.SweepAt == s.IdleExpiresAt, Cancellation), Cancellation);
        await platform.RefreshAsync(application, live.Text("refresh_token"), Cancellation);
    }

    [Fact]
    public async Task Cleanup_ByTwoReplicas_IsLedByOneAtATime()
    {
        var stranger = Guid.CreateVersion7();
        var nonce = SignedRequests.Nonce();
        await using var database = await platform.OpenAuthDatabaseAsync(Cancellation);

        // Both find somebody else in charge, and leave all as it is.
        await WhileBothAskAsync(
            $"""
            UPDATE leases SET holder = {stranger}, until = clock_timestamp() + interval '10 minutes' WHERE name = 'cleanup';
            INSERT INTO replay_entries (key, endpoint, expires_at) VALUES (sha256({nonce}::bytea), {nonce}, now() - interval '1 hour');
            """);
        await WhileBothAskAsync($"SELECT FROM leases WHERE name = 'cleanup' FOR UPDATE");
        Assert.Equal(1, await database.ReplayEntries.CountAsync(r => r.Endpoint == nonce, Cancellation));
        Assert.Equal(stranger, await HolderAsync());

        // It goes away while both are asking: one follows, and stays in charge however often the other asks.
        await WhileBothAskAsync($"UPDATE leases SET until = clock_timestamp() - interval '1 second' WHERE name = 'cleanup'");
        await Eventually.TrueAsync(async () => await database.ReplayEntries.CountAsync(r => r.Endpoint == nonce, Cancellation) == 0, Cancellation);
        var leader = await HolderAsync();
        Assert.NotEqual(stranger, leader);
        for (var i = 0; i < 2; i++)
        {
            await WhileBothAskAsync($"SELECT FROM leases WHERE name = 'cleanup' FOR UPDATE");
            Assert.Equal(leader, await HolderAsync());
        }

        Task<Guid> HolderAsync() => database.Database.SqlQuery<Guid>($"SELECT holder AS \"Value\" FROM leases WHERE name = 'cleanup'").SingleAsync(Cancellation);
    }

    [Fact]
    public async Task Cleanup_OnAMachineWhoseClockIsDaysAhead_DeletesNoLivingSession()
    {
        var databases = new FreshDatabases(platform);
        await databases.MigratedAsync(Cancellation, ResourceNames.AuthDatabase);
        var login = await databases.ConnectionStringAsync(ResourceNames.AuthDatabase, Cancellation);
        await using var dataSource = NpgsqlDataSource.Create(login);
        await FillAsync(1, 7);
        var clock = new FakeTimeProvider(TimeProvider.System.GetUtcNow().AddDays(8));
        await using var services = new ServiceCollection().AddMetrics().BuildServiceProvider();
        var metrics = new CleanupMetrics(services.GetRequiredService<IMeterFactory>());
        using var worker = new CleanupWorker(dataSource, new Leases(dataSource, clock), metrics, Options.Create(new CleanupOptions()), clock, NullLogger<CleanupWorker>.Instance);
        await worker.StartAsync(Cancellation);
        // All that are due go at once: when one has gone that was not there before, whatever else seems due has too.
        for (var round = 0; round < 2; round++)
        {
            await FillAsync(0, 0);
            await Eventually.TrueAsync(
                async () =>
                {
                    clock.Advance(TimeSpan.FromSeconds(10));
                    return await SessionsAsync("WHERE unique_key = 'user 0'") == "0";
                },
                Cancellation);
        }

        await worker.StopAsync(Cancellation);
        Assert.Equal("7", await SessionsAsync(""));

        Task<string> SessionsAsync(string which) => databases.ReadAsync(ResourceNames.AuthDatabase, $"SELECT count(*)::text FROM sessions {which}", Cancellation);

        // One for each number, which ends after so many days.
        async Task FillAsync(int first, int last)
        {
            await using var fill = dataSource.CreateCommand(
                $"""
                INSERT INTO sessions (id, application_id, unique_key, device, device_hash, ip, key_id, created_at, refreshed_at, tokens_until, idle_expires_at, absolute_expires_at)
                SELECT gen_random_uuid(), (SELECT id FROM applications), 'user ' || n, '', sha256(''), '', 'none', t, t, t, t + n * interval '1 day', t + interval '9 days'
                FROM generate_series({first}, {last}) n, (SELECT now() - interval '1 hour' AS t)
                """);
            await fill.ExecuteNonQueryAsync(Cancellation);
        }
    }

    /// <summary>Changes the lease and keeps the change to itself until both replicas wait to know who is in charge.</summary>
    private async Task WhileBothAskAsync(FormattableString change)
    {
        await using var database = await platform.OpenAuthDatabaseAsync(Cancellation);
        await using var others = await platform.OpenAuthDatabaseAsync(Cancellation);
        await using var transaction = await database.Database.BeginTransactionAsync(Cancellation);
        await database.Database.ExecuteSqlAsync(change, Cancellation);
        await Eventually.TrueAsync(
            async () => await others.Database.SqlQuery<int>(
                $"SELECT count(*)::int AS \"Value\" FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock' AND query LIKE 'INSERT INTO leases%'").SingleAsync(Cancellation) >= platform.TokenApis.Count,
            Cancellation);
        await transaction.CommitAsync(Cancellation);
    }

    private static async Task<(int Sessions, int Revocations, int Requests)> CountAsync(Data.Auth.AuthDbContext database, Guid id) =>
        (await database.Sessions.CountAsync(s => s.ApplicationId == id, Cancellation),
            await database.Revocations.CountAsync(r => r.ApplicationId == id, Cancellation),
            await database.ReplayEntries.CountAsync(r => r.Endpoint == "test", Cancellation));
}
