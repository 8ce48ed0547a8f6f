using AuthPlatform.Data.Auth;
using Npgsql;

namespace AuthPlatform.TokenApi.Cleanup;

/// <summary>Rows of one table that have had their time. A batch takes the oldest and passes over what somebody else has in hand.</summary>
/// <param name="Table">The name of the table.</param>
/// <param name="Margin">How long a row stays beyond its end, because clocks differ.</param>
/// <param name="Delete">The statement: <c>$1</c> is the time up to which rows go, <c>$2</c> how many.</param>
internal sealed record ExpiredRows(string Table, TimeSpan Margin, string Delete)
{
    public static IReadOnlyList<ExpiredRows> All { get; } =
    [
        new(
            "sessions",
            SessionEnding.ClockMargin,
            """
            WITH expired AS (SELECT id FROM sessions WHERE idle_expires_at <= $1 ORDER BY idle_expires_at LIMIT $2 FOR UPDATE SKIP LOCKED)
            DELETE FROM sessions s USING expired e WHERE s.id = e.id
            """),
        new(
            "revocations",
            TimeSpan.Zero,
            """
            WITH expired AS (SELECT transaction_id, sequence FROM revocations WHERE until <= $1 ORDER BY until LIMIT $2 FOR UPDATE SKIP LOCKED)
            DELETE FROM revocations r USING expired e WHERE r.transaction_id = e.transaction_id AND r.sequence = e.sequence
            """),
        new(
            "imported_tokens",
            SessionEnding.ClockMargin,
            """
            WITH expired AS (SELECT token_hash FROM imported_tokens WHERE expires_at <= $1 ORDER BY expires_at LIMIT $2 FOR UPDATE SKIP LOCKED)
            DELETE FROM imported_tokens t USING expired e WHERE t.token_hash = e.token_hash
            """),
        new(
            "replay_entries",
            TimeSpan.Zero,
            """
            WITH expired AS (SELECT key FROM replay_entries WHERE expires_at <= $1 ORDER BY expires_at LIMIT $2 FOR UPDATE SKIP LOCKED)
            DELETE FROM replay_entries r USING expired e WHERE r.key = e.key
            """),
        // Longer than any session of an administrator may live.
        new(
            "administrator_sessions",
            TimeSpan.FromHours(25),
            """
            WITH expired AS (SELECT id FROM administrator_sessions WHERE last_seen_at <= $1 ORDER BY last_seen_at LIMIT $2 FOR UPDATE SKIP LOCKED)
            DELETE FROM administrator_sessions s USING expired e WHERE s.id = e.id
            """),
        // A day without a try, and all is forgotten.
        new(
            "sign_in_delays",
            TimeSpan.FromDays(1),
            """
            WITH expired AS (SELECT key FROM sign_in_delays WHERE tried_at <= $1 ORDER BY tried_at LIMIT $2 FOR UPDATE SKIP LOCKED)
            DELETE FROM sign_in_delays d USING expired e WHERE d.key = e.key
            """),
        new(
            "administrator_links",
            TimeSpan.Zero,
            """
            WITH expired AS (SELECT token_hash FROM administrator_links WHERE expires_at <= $1 ORDER BY expires_at LIMIT $2 FOR UPDATE SKIP LOCKED)
            DELETE FROM administrator_links l USING expired e WHERE l.token_hash = e.token_hash
            """),
        // The overview looks back an hour.
        new(
            "traffic_counts",
            TimeSpan.FromDays(2),
            """
            WITH expired AS (SELECT minute, kind, code FROM traffic_counts WHERE minute <= $1 ORDER BY minute LIMIT $2 FOR UPDATE SKIP LOCKED)
            DELETE FROM traffic_counts t USING expired e WHERE t.minute = e.minute AND t.kind = e.kind AND t.code = e.code
            """),
    ];

    /// <summary>Deletes one batch and gives the number of its rows.</summary>
    public async Task<int> DeleteBatchAsync(NpgsqlDataSource dataSource, DateTimeOffset now, int size, CancellationToken cancellationToken)
    {
        await using var command = dataSource.CreateCommand(Delete);
        command.Parameters.Add(new NpgsqlParameter<DateTime> { TypedValue = (now - Margin).UtcDateTime });
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = size });
        return await command.ExecuteNonQueryAsync(cancellationToken);
    }
}
