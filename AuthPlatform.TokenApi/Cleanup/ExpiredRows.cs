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
            "replay_entries",
            TimeSpan.Zero,
            """
            WITH expired AS (SELECT key FROM replay_entries WHERE expires_at <= $1 ORDER BY expires_at LIMIT $2 FOR UPDATE SKIP LOCKED)
            DELETE FROM replay_entries r USING expired e WHERE r.key = e.key
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
