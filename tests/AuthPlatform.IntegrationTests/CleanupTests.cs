using AuthPlatform.IntegrationTests.Infrastructure;
using Microsoft.EntityFrameworkCore;

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
            SELECT gen_random_uuid(), {id}, 'expired ' || n, '', sha256(''), '', 'none', t, t, t, t, t FROM generate_series(1, 2500) n, (SELECT now() - interval '1 hour' AS t);
            INSERT INTO revocations (application_id, revoked_id, reason, revoked_at, effective_at, until)
            SELECT {id}, gen_random_uuid(), 'revoked', now(), now(), now() + n * interval '1 hour' FROM generate_series(-1500, 3) n;
            INSERT INTO replay_entries (key, endpoint, expires_at)
            SELECT sha256((n || {application.ClientId})::bytea), 'test', now() + n * interval '1 hour' FROM generate_series(-1500, 3) n;
            """,
            Cancellation);

        while (await CountAsync(database, id) is not (1, 3, 3))
        {
            await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System, Cancellation);
        }

        await platform.RefreshAsync(application, live.Text("refresh_token"), Cancellation);
    }

    private static async Task<(int Sessions, int Revocations, int Requests)> CountAsync(Data.Auth.AuthDbContext database, Guid id) =>
        (await database.Sessions.CountAsync(s => s.ApplicationId == id, Cancellation),
            await database.Revocations.CountAsync(r => r.ApplicationId == id, Cancellation),
            await database.ReplayEntries.CountAsync(r => r.Endpoint == "test", Cancellation));
}
