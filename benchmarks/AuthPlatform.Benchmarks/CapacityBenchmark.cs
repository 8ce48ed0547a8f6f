using System.CommandLine;
using System.Globalization;
using Npgsql;

namespace AuthPlatform.Benchmarks;

/// <summary>How much room in PostgreSQL a session, a revocation and an event of the audit take, indexes included, and how much of its log a sign-in and a refresh.</summary>
internal static class CapacityBenchmark
{
    /// <summary>Rows that one statement writes; a vacuum follows, as the automatic one would.</summary>
    private const int Batch = 50_000;

    /// <summary>Users have names of 36 characters, devices descriptions of about 80, addresses are IPv4; no scope and no claims.</summary>
    private const string InsertSessions =
        """
        INSERT INTO sessions (id, application_id, unique_key, device, device_hash, ip, key_id, created_at, refreshed_at, tokens_until, idle_expires_at, absolute_expires_at, sweep_at)
        SELECT uuidv7(), a.id, gen_random_uuid()::text, device, sha256(device::bytea), '203.0.' || n % 250 || '.' || n % 251, '20260101-0199b7f0-7d1c-7a53-9c1e-3f6f2f1f0a11', now(), now(),
            now() + interval '5 minutes', now() + interval '7 days', now() + interval '30 days', now() + interval '7 days'
        FROM generate_series(1, $1) n CROSS JOIN LATERAL (SELECT 'Mozilla/5.0 (Linux; Android 16; Pixel 9) Chrome/14' || n % 10 || '.0.0.' || n % 7919 || ' Mobile Safari/537.36' AS device) d,
            (SELECT id FROM applications LIMIT 1) a
        """;

    /// <summary>What a refresh does to the row; those that have not been refreshed so often, in no order in particular.</summary>
    private const string Refresh =
        """
        UPDATE sessions SET generation = generation + 1, refreshed_at = clock_timestamp(), tokens_until = clock_timestamp() + interval '5 minutes',
            idle_expires_at = clock_timestamp() + interval '7 days'
        WHERE id IN (SELECT id FROM sessions WHERE generation < $2 ORDER BY unique_key LIMIT $1)
        """;

    private const string InsertRevocations =
        """
        INSERT INTO revocations (application_id, revoked_id, generation, reason, revoked_at, effective_at, until)
        SELECT s.application_id, s.id, CASE WHEN n % 2 = 0 THEN 0 END, CASE WHEN n % 2 = 0 THEN 'refreshed' ELSE 'revoked' END, now(), now(), now() + interval '6 minutes'
        FROM (SELECT application_id, id, row_number() OVER () AS n FROM sessions LIMIT $1) s
        """;

    private const string InsertEvents =
        """
        INSERT INTO audit_events (occurred_at, id, application_id, client_id, kind, session_id, unique_key, address)
        SELECT now(), uuidv7(), s.application_id, 'benchmark', CASE WHEN n % 3 = 0 THEN 'issued' ELSE 'refreshed' END, s.id, s.unique_key, '198.51.100.' || n % 200
        FROM (SELECT application_id, id, unique_key, row_number() OVER () AS n FROM sessions LIMIT $1) s
        """;

    private const string Sizes =
        """
        WITH parts AS (SELECT relid FROM pg_partition_tree($1::regclass) UNION SELECT $1::regclass)
        SELECT sum(pg_table_size(relid))::bigint, sum(pg_indexes_size(relid))::bigint FROM parts
        """;

    public static Command Command()
    {
        var rows = new Option<int>("--rows") { Description = "Sessions, revocations and events, of each", DefaultValueFactory = _ => 500_000 };
        var refreshes = new Option<int>("--refreshes") { Description = "How often each session is refreshed", DefaultValueFactory = _ => 3 };
        var command = new Command("capacity", "Bytes per session, revocation and event in PostgreSQL, fresh and after refreshes") { rows, refreshes };
        command.SetAction((arguments, cancellationToken) => RunAsync(arguments.GetValue(rows), arguments.GetValue(refreshes), cancellationToken));
        return command;
    }

    private static async Task<int> RunAsync(int rows, int refreshes, CancellationToken cancellationToken)
    {
        // Nothing expires meanwhile, and nobody else writes.
        await using var platform = await Platform.StartAsync(new Dictionary<string, string> { ["Cleanup__PeriodSeconds"] = "600" }, cancellationToken);
        await using var database = NpgsqlDataSource.Create(await platform.AuthDatabaseAsync(cancellationToken));
        Console.WriteLine("| what | rows | bytes of the table per row | of its indexes | of the log (WAL) |");
        Console.WriteLine("|---|---|---|---|---|");
        await MeasureAsync("sessions", "session, fresh", InsertSessions);
        for (var generation = 1; generation <= refreshes; generation++)
        {
            await MeasureAsync("sessions", $"session, refreshed {generation} times", Refresh, generation);
        }

        await MeasureAsync("revocations", "revocation", InsertRevocations, once: true);
        await MeasureAsync("audit_events", "event of the audit", InsertEvents, once: true);
        await using var indexes = database.CreateCommand(
            "SELECT indexrelname, pg_relation_size(indexrelid) FROM pg_stat_user_indexes WHERE relname = 'sessions' ORDER BY 2 DESC");
        await using var reader = await indexes.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{reader.GetString(0)}: {reader.GetInt64(1) / (double)rows:0} bytes per session"));
        }

        return 0;

        async Task MeasureAsync(string table, string name, string sql, int? generation = null, bool once = false)
        {
            // These stores write no full pages to their log (full_page_writes=off): what is counted is what the rows themselves cost.
            await ExecuteAsync("CHECKPOINT");
            var log = await ScalarAsync("SELECT pg_current_wal_insert_lsn() - '0/0'::pg_lsn");
            for (var done = 0; done < rows; done += once ? rows : Batch)
            {
                await ExecuteAsync(sql, once ? rows : Math.Min(Batch, rows - done), generation);
                await ExecuteAsync($"VACUUM {table}");
            }

            log = await ScalarAsync("SELECT pg_current_wal_insert_lsn() - '0/0'::pg_lsn") - log;
            await using var sizes = database.CreateCommand(Sizes);
            sizes.Parameters.Add(new NpgsqlParameter<string> { TypedValue = table });
            await using var reader = await sizes.ExecuteReaderAsync(cancellationToken);
            await reader.ReadAsync(cancellationToken);
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"| {name} | {rows} | {reader.GetInt64(0) / (double)rows:0} | {reader.GetInt64(1) / (double)rows:0} | {log / rows:0} |"));
        }

        async Task ExecuteAsync(string sql, int? count = null, int? generation = null)
        {
            await using var command = database.CreateCommand(sql);
            command.CommandTimeout = 0;
            foreach (var value in new[] { count, generation }.OfType<int>())
            {
                command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = value });
            }

            await command.ExecuteNonQueryAsync(cancellationToken);
        }

        async Task<decimal> ScalarAsync(string sql)
        {
            await using var command = database.CreateCommand(sql);
            return (decimal)(await command.ExecuteScalarAsync(cancellationToken))!;
        }
    }
}
