using AuthPlatform.Data;
using AuthPlatform.Data.Auth;
using AuthPlatform.ServiceDefaults;
using Npgsql;

namespace AuthPlatform.TokenApi.Cleanup;

/// <summary>Rows of one table that have had their time. A batch takes the oldest and passes over what somebody else has in hand.</summary>
/// <param name="Table">The name of the table.</param>
/// <param name="Until">The indexed column that says when a row ends.</param>
/// <param name="Margin">How long a row stays beyond its end, because clocks differ.</param>
internal sealed record ExpiredRows(string Table, string Until, TimeSpan Margin)
{
    public static IReadOnlyList<ExpiredRows> All { get; } =
    [
        new("sessions", "sweep_at", SessionEnding.ClockMargin) { ProlongedUntil = "idle_expires_at" },
        new("revocations", "until", TimeSpan.Zero),
        new("imported_tokens", "expires_at", SessionEnding.ClockMargin),
        // Written by the clock of a replica.
        new("replay_entries", "expires_at", 2 * ClockCheck.Limit),
        // Longer than any session of an administrator may live.
        new("administrator_sessions", "last_seen_at", TimeSpan.FromHours(25)),
        // A day without a try, and all is forgotten.
        new("sign_in_delays", "tried_at", TimeSpan.FromDays(1)),
        new("administrator_links", "expires_at", TimeSpan.Zero),
        // The overview looks back an hour.
        new("traffic_counts", "minute", TimeSpan.FromDays(2)),
    ];

    /// <summary>The column that says when a row really ends, where that moves too often for an index; <see cref="Until"/> then follows it, here and only here.</summary>
    public string? ProlongedUntil { get; init; }

    /// <summary>
    /// Gives how many rows were due, and how many of them were deleted; <c>$1</c> is the time up to which they are due, <c>$2</c> how many at most. They are changed by their place
    /// (ctid): there is no plan for it that reads the table, whatever PostgreSQL believes about its size. A row whose place is newer than the statement waits for the next batch.
    /// </summary>
    public string Statement =>
        $"""
        WITH due AS MATERIALIZED (SELECT ctid AS place, {ProlongedUntil ?? Until} AS ends FROM {Table} WHERE {Until} <= $1 ORDER BY {Until} LIMIT $2 FOR UPDATE SKIP LOCKED),
        {(ProlongedUntil is null ? "" : $"prolonged AS (UPDATE {Table} SET {Until} = {ProlongedUntil} WHERE ctid = ANY (ARRAY(SELECT place FROM due WHERE ends > $1))),")}
        gone AS (DELETE FROM {Table} WHERE ctid = ANY (ARRAY(SELECT place FROM due WHERE ends <= $1)) RETURNING 1)
        SELECT (SELECT count(*) FROM due)::int, (SELECT count(*) FROM gone)::int
        """;

    /// <summary>Deletes one batch, and gives how many rows were looked at and how many deleted.</summary>
    public async Task<(int Due, int Deleted)> DeleteBatchAsync(NpgsqlDataSource dataSource, DateTimeOffset now, int size, CancellationToken cancellationToken)
    {
        await using var command = dataSource.CreateCommand(Statement, Sql.Value((now - Margin).UtcDateTime), Sql.Value(size));
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        await reader.ReadAsync(cancellationToken);
        return (reader.GetInt32(0), reader.GetInt32(1));
    }
}
