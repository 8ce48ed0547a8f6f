using AuthPlatform.Contracts;
using AuthPlatform.IntegrationTests.Infrastructure;
using AuthPlatform.TokenApi.Cleanup;
using Npgsql;

namespace AuthPlatform.IntegrationTests;

/// <summary>What the clean-up deletes, table by table: with the rights that it has, and not before its time.</summary>
public sealed class ExpiredRowsTests(AuthPlatformFixture platform)
{
    /// <summary>For each table, how long a row stays beyond its end, and a row that ends at <c>$1</c>.</summary>
    private static readonly (string Table, TimeSpan Stays, string Row)[] Rows =
    [
        ("sessions", TimeSpan.FromMinutes(4),
            """
            INSERT INTO sessions (id, application_id, unique_key, device, device_hash, ip, key_id, created_at, refreshed_at, tokens_until, idle_expires_at, absolute_expires_at, sweep_at)
            SELECT gen_random_uuid(), id, 'user', '', sha256(''), '', 'none', $1, $1, $1, $1, $1, $1 FROM applications
            """),
        ("revocations", TimeSpan.Zero,
            """
            INSERT INTO revocations (application_id, revoked_id, reason, revoked_at, effective_at, until)
            VALUES (gen_random_uuid(), gen_random_uuid(), 'revoked', $1, $1, $1)
            """),
        ("imported_tokens", TimeSpan.FromMinutes(4),
            """
            INSERT INTO imported_tokens (token_hash, application_id, session_id, is_refresh, expires_at)
            SELECT sha256('token'), id, gen_random_uuid(), false, $1 FROM applications
            """),
        ("replay_entries", TimeSpan.FromSeconds(30), "INSERT INTO replay_entries (key, endpoint, expires_at) VALUES (sha256('request'), 'test', $1)"),
        ("administrator_sessions", TimeSpan.FromHours(25),
            """
            WITH person AS (
                INSERT INTO administrators (id, user_name, normalized_user_name, security_stamp, roles, totp_last_step, recovery_code_hashes, created_at)
                VALUES (gen_random_uuid(), 'person', 'PERSON', '', '{}', 0, '{}', $1) RETURNING id)
            INSERT INTO administrator_sessions (id, administrator_id, method, created_at, last_seen_at, verified_at, address, user_agent)
            SELECT gen_random_uuid(), id, 'totp', $1, $1, $1, '', '' FROM person
            """),
        ("sign_in_delays", TimeSpan.FromDays(1), "INSERT INTO sign_in_delays (key, failures, not_before, tried_at) VALUES (sha256('guess'), 1, $1, $1)"),
        ("administrator_links", TimeSpan.Zero, "INSERT INTO administrator_links (token_hash, created_at, expires_at) VALUES (sha256('link'), $1, $1)"),
        ("traffic_counts", TimeSpan.FromDays(2), "INSERT INTO traffic_counts (minute, kind, code, count) VALUES ($1, 'issued', '', 1)"),
    ];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Cleanup_WithTheRightsOfTheTokenApi_DeletesFromEveryTableWhatIsOverAndNothingBefore()
    {
        var databases = new FreshDatabases(platform);
        await databases.MigratedAsync(Cancellation, ResourceNames.AuthDatabase);
        var now = TimeProvider.System.GetUtcNow();
        await using (var owner = NpgsqlDataSource.Create(await databases.ConnectionStringAsync(ResourceNames.AuthDatabase, Cancellation)))
        {
            foreach (var (_, stays, row) in Rows)
            {
                await using var insert = owner.CreateCommand(row);
                insert.Parameters.Add(new NpgsqlParameter<DateTime> { TypedValue = (now.AddSeconds(5) - stays).UtcDateTime });
                Assert.Equal(1, await insert.ExecuteNonQueryAsync(Cancellation));
            }
        }

        await using var tokenApi = NpgsqlDataSource.Create(
            await databases.LoginAsync(ResourceNames.AuthDatabase, ResourceNames.TokenApi, 0, FreshDatabases.RolePassword, Cancellation));
        Assert.Equal(Rows.Select(r => r.Table), ExpiredRows.All.Select(r => r.Table));
        foreach (var rows in ExpiredRows.All)
        {
            Assert.Equal((rows.Table, (0, 0)), (rows.Table, await rows.DeleteBatchAsync(tokenApi, now, 10, Cancellation)));
            Assert.Equal((rows.Table, (1, 1)), (rows.Table, await rows.DeleteBatchAsync(tokenApi, now.AddSeconds(10), 10, Cancellation)));
        }
    }
}
