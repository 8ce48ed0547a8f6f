using Npgsql;

namespace AuthPlatform.Benchmarks;

/// <summary>A thousand applications with their sessions and audit of five months: more than a platform has after a good year.</summary>
internal static class AdminData
{
    /// <summary>Half of all is one application's, and a third of all sessions are on one kind of device. Ids and times go back in time together, as they do in life.</summary>
    private static readonly string[] Fill =
    [
        """
        INSERT INTO applications (id, client_id, name, refresh_key_encrypted, refresh_key_encryption_key, created_at, updated_at)
        SELECT uuidv7(make_interval(secs => -n * 3600)), 'app-' || n, 'Application ' || n, '', 'none', now() - make_interval(secs => n * 3600), now() FROM generate_series(1, 1000) n
        """,
        "CREATE TABLE benchmark_apps AS SELECT split_part(client_id, '-', 2)::int AS nr, id, client_id FROM applications WHERE client_id LIKE 'app-%'",
        "CREATE UNIQUE INDEX ON benchmark_apps (nr)",
        "ANALYZE benchmark_apps",
        """
        INSERT INTO sessions (id, application_id, unique_key, device, device_hash, ip, key_id, generation, created_at, refreshed_at, tokens_until, idle_expires_at, absolute_expires_at,
            sweep_at)
        SELECT uuidv7(make_interval(secs => -n * $2 / $1)), a.id, 'user-' || n % 300000, device, sha256(device::bytea), '203.0.' || n % 250 || '.' || n % 251,
            CASE WHEN n % 5 = 0 THEN 'old-' ELSE 'new-' END || a.client_id, n % 9, now() - make_interval(secs => n * $2 / $1), now(), now() + interval '5 minutes', now() + interval '7 days',
            now() + interval '30 days', now() + interval '7 days'
        FROM generate_series(1, $1) n CROSS JOIN LATERAL (SELECT CASE WHEN n % 3 = 0 THEN 'phone' ELSE 'device ' || n % 50 END AS device) d
        JOIN benchmark_apps a ON a.nr = CASE WHEN n % 2 = 0 THEN 1 ELSE 1 + (n::bigint * 7919) % 1000 END
        """,
        """
        DO $do$ BEGIN
            FOR month IN 0..6 LOOP
                EXECUTE format('CREATE TABLE IF NOT EXISTS audit_events_%s PARTITION OF audit_events FOR VALUES FROM (%L) TO (%L)', to_char(date_trunc('month', now(), 'UTC') - make_interval(months => month), 'YYYYMM'),
                    date_trunc('month', now(), 'UTC') - make_interval(months => month), date_trunc('month', now(), 'UTC') - make_interval(months => month - 1));
            END LOOP;
        END $do$
        """,
        """
        INSERT INTO audit_events (occurred_at, id, application_id, client_id, kind, code, session_id, unique_key, address, actor, details)
        SELECT t, uuidv7(t - clock_timestamp()), a.id, a.client_id,
            CASE WHEN n % 100000 = 7 THEN 'key_revoked' WHEN n % 5000 = 3 THEN 'application_changed' WHEN n % 20 = 0 THEN 'rejected' WHEN n % 10 = 1 THEN 'revoked' WHEN n % 3 = 0 THEN 'issued' ELSE 'refreshed' END,
            CASE WHEN n % 20 = 0 THEN 'invalid_signature' END, md5((n / 5)::text)::uuid, 'user-' || n % 300000,
            CASE WHEN n % 2 = 0 THEN '198.51.100.1' ELSE '198.51.100.' || n % 200 END,
            CASE WHEN n % 5000 = 3 THEN 'admin-' || n % 7 END, CASE WHEN n % 5000 = 3 THEN '{"name":{"before":"a","after":"b"}}'::jsonb END
        FROM generate_series(1, $1 * 5) n CROSS JOIN LATERAL (SELECT now() - make_interval(secs => n * $2 / $1 / 5) AS t) time
        JOIN benchmark_apps a ON a.nr = CASE WHEN n % 2 = 0 THEN 1 ELSE 1 + (n::bigint * 7919) % 1000 END
        """,
        "VACUUM ANALYZE",
        "CHECKPOINT",
    ];

    /// <summary>How far back it goes.</summary>
    public static readonly TimeSpan Span = TimeSpan.FromDays(150);

    public static async Task MakeAsync(NpgsqlDataSource database, int sessions, CancellationToken cancellationToken)
    {
        foreach (var sql in Fill)
        {
            await using var command = database.CreateCommand(sql);
            command.CommandTimeout = 0;
            if (sql.Contains("$1", StringComparison.Ordinal))
            {
                command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = sessions });
                command.Parameters.Add(new NpgsqlParameter<double> { TypedValue = Span.TotalSeconds });
            }

            await command.ExecuteNonQueryAsync(cancellationToken);
        }
    }
}
