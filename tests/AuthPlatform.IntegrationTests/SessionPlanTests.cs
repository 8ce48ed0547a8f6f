using System.Security.Cryptography;
using AuthPlatform.Contracts;
using AuthPlatform.Data;
using AuthPlatform.IntegrationTests.Infrastructure;
using AuthPlatform.TokenApi.Cleanup;
using AuthPlatform.TokenApi.Sessions;
using Npgsql;

namespace AuthPlatform.IntegrationTests;

/// <summary>What statements on sessions and revocations read, when their plans were made while the tables were empty, and nobody has counted the rows since.</summary>
public sealed class SessionPlanTests(AuthPlatformFixture platform)
{
    /// <summary>A session starts, another one starts in its place, moves on and ends; and a token without a session is revoked.</summary>
    private const string LifeOfASession =
        """
        SELECT ended_id FROM start_sessions(
            ARRAY['lock'], ARRAY[$2], ARRAY[$1], ARRAY['user'], ARRAY['device'], ARRAY[sha256('device')], ARRAY['ip'], ARRAY[NULL::text], ARRAY[NULL::text], ARRAY['kid'], ARRAY[now()],
            ARRAY[now() + interval '1 hour'], ARRAY[now() + interval '1 hour'], ARRAY[now() + interval '1 hour'], ARRAY['user_device'], ARRAY[10::bigint], interval '4 minutes')
        UNION ALL SELECT ended_id FROM start_sessions(
            ARRAY['lock'], ARRAY[$3], ARRAY[$1], ARRAY['user'], ARRAY['device'], ARRAY[sha256('device')], ARRAY['ip'], ARRAY[NULL::text], ARRAY[NULL::text], ARRAY['kid'], ARRAY[now()],
            ARRAY[now() + interval '1 hour'], ARRAY[now() + interval '1 hour'], ARRAY[now() + interval '1 hour'], ARRAY['user_device'], ARRAY[10::bigint], interval '4 minutes')
        UNION ALL SELECT id FROM renew_sessions(
            ARRAY[$3], ARRAY[$1], ARRAY[0], ARRAY[now()], ARRAY[now() + interval '1 hour'], ARRAY[now() + interval '1 hour'], ARRAY['kid'], ARRAY[now()], ARRAY[now() + interval '1 hour'])
        UNION ALL SELECT id FROM end_sessions($1, ARRAY[$3], 'revoked', now(), interval '4 minutes')
        UNION ALL SELECT $1 FROM revoke_remaining($1, ARRAY[$2], ARRAY[now() + interval '1 hour'], ARRAY[true], 'revoked', now())
        """;

    private const string Fill =
        """
        INSERT INTO sessions (id, application_id, unique_key, device, device_hash, ip, key_id, generation, created_at, refreshed_at, tokens_until, idle_expires_at, absolute_expires_at)
        SELECT gen_random_uuid(), $1, 'user' || n, 'device', sha256('device'), 'ip', 'kid', 0, now(), now(), now(), now(), now() FROM generate_series(1, 20000) AS n
        """;

    private const string FillRevocations =
        """
        INSERT INTO revocations (application_id, revoked_id, reason, revoked_at, effective_at, until)
        SELECT $1, gen_random_uuid(), 'revoked', now(), now(), now() FROM generate_series(1, 20000)
        """;

    private const string RowsRead = "SELECT sum(seq_tup_read + idx_tup_fetch)::bigint FROM pg_stat_xact_user_tables WHERE relname IN ('sessions', 'revocations')";

    private const string UpdatesOutsideOfPages = "SELECT n_tup_upd - n_tup_hot_upd FROM pg_stat_xact_user_tables WHERE relname = 'sessions' AND n_tup_upd > 0";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Functions_PlannedOnEmptyTables_ReadFewRowsOfFullOnes()
    {
        await using var connection = await OpenAsync();
        var application = await ApplicationAsync(connection);
        await LiveAsync(connection, application);
        await FillAsync(connection, application);

        await using var transaction = await connection.BeginTransactionAsync(Cancellation);
        await LiveAsync(connection, application);

        Assert.InRange(Assert.IsType<long>(Assert.Single(await ReadAsync(connection, RowsRead))), 1, 50);
        // The refresh has left all indexes as they were.
        Assert.Equal(0L, Assert.Single(await ReadAsync(connection, UpdatesOutsideOfPages)));
    }

    /// <summary>Of an application that has no token of them.</summary>
    [Fact]
    public async Task Searches_PlannedOnEmptyTables_ReadFewRowsOfFullOnes()
    {
        await using var connection = await OpenAsync();
        var application = await ApplicationAsync(connection);
        await ReadAsync(connection, "SET plan_cache_mode = force_generic_plan");
        var ids = new NpgsqlParameter<Guid[]> { TypedValue = [application] };
        await using var ofUser = new NpgsqlCommand(OwnSessions.FindOfUser, connection)
        {
            Parameters = { Sql.Value("user7"), Sql.Value(application), Sql.Value("device"), Sql.Value(SHA256.HashData("device"u8)), Sql.Value("ip"), Sql.Value(10) },
        };
        await using var byIds = new NpgsqlCommand(OwnSessions.FindByIds, connection) { Parameters = { Sql.Value(application), ids } };
        await ofUser.PrepareAsync(Cancellation);
        await byIds.PrepareAsync(Cancellation);
        Assert.Null(await ofUser.ExecuteScalarAsync(Cancellation));
        Assert.Null(await byIds.ExecuteScalarAsync(Cancellation));
        await FillAsync(connection, application);

        await using var transaction = await connection.BeginTransactionAsync(Cancellation);
        var found = Assert.IsType<Guid>(await ofUser.ExecuteScalarAsync(Cancellation));
        ids.TypedValue = [found, application];
        Assert.Equal(found, await byIds.ExecuteScalarAsync(Cancellation));

        Assert.InRange(Assert.IsType<long>(Assert.Single(await ReadAsync(connection, RowsRead))), 1, 10);
    }

    [Theory]
    [InlineData("sessions")]
    [InlineData("revocations")]
    public async Task Cleanup_PlannedForAnyNumber_ReadsWhatItDeletes(string table)
    {
        await using var connection = await OpenAsync();
        await FillAsync(connection, await ApplicationAsync(connection));
        await ReadAsync(connection, $"ANALYZE {table}");
        await ReadAsync(connection, "SET plan_cache_mode = force_generic_plan");

        await using var transaction = await connection.BeginTransactionAsync(Cancellation);
        await using var command = new NpgsqlCommand(ExpiredRows.All.Single(r => r.Table == table).Statement, connection);
        command.Parameters.Add(new NpgsqlParameter<DateTime> { TypedValue = TimeProvider.System.GetUtcNow().UtcDateTime });
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = 100 });
        await using (var reader = await command.ExecuteReaderAsync(Cancellation))
        {
            Assert.True(await reader.ReadAsync(Cancellation));
            Assert.Equal((100, 100), (reader.GetInt32(0), reader.GetInt32(1)));
        }

        Assert.InRange(Assert.IsType<long>(Assert.Single(await ReadAsync(connection, RowsRead))), 100, 200);
    }

    private async Task<NpgsqlConnection> OpenAsync()
    {
        var databases = new FreshDatabases(platform);
        await databases.MigratedAsync(Cancellation, ResourceNames.AuthDatabase);
        var connection = new NpgsqlConnection(await databases.ConnectionStringAsync(ResourceNames.AuthDatabase, Cancellation));
        await connection.OpenAsync(Cancellation);
        return connection;
    }

    private static async Task<Guid> ApplicationAsync(NpgsqlConnection connection) => Assert.IsType<Guid>(Assert.Single(await ReadAsync(connection, "SELECT id FROM applications")));

    private static async Task FillAsync(NpgsqlConnection connection, Guid application)
    {
        await ReadAsync(connection, Fill, application);
        await ReadAsync(connection, FillRevocations, application);
    }

    private static async Task LiveAsync(NpgsqlConnection connection, Guid application)
    {
        var (first, second) = (Guid.CreateVersion7(), Guid.CreateVersion7());
        Assert.Equal([first, second, second, application], await ReadAsync(connection, LifeOfASession, application, first, second));
    }

    /// <summary>The first column of each row.</summary>
    private static async Task<List<object>> ReadAsync(NpgsqlConnection connection, string sql, params Guid[] values)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        foreach (var value in values)
        {
            command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = value });
        }

        await using var reader = await command.ExecuteReaderAsync(Cancellation);
        var rows = new List<object>();
        while (await reader.ReadAsync(Cancellation))
        {
            rows.Add(reader.GetValue(0));
        }

        return rows;
    }
}
