using Npgsql;

namespace AuthPlatform.Data.Auth;

/// <summary>Ends sessions before their time, for whoever may: the application, its user's next sign-in, an administrator.</summary>
public static class SessionEnding
{
    /// <summary>
    /// How much longer than the last token a revocation is kept: twice the largest skew that verification can be set to, because the clock of the one who
    /// wrote it and that of the one who verifies may be wrong in opposite directions.
    /// </summary>
    public static readonly TimeSpan ClockMargin = TimeSpan.FromSeconds(240);

    /// <summary>
    /// Rows are locked in the order of their ids, by everyone who ends several at once: no two can wait for each other. Each is looked up by itself, because on a table that
    /// was never analysed a list of ids looks like a reason to read all of it; <c>IS TRUE</c> keeps the planner from an index that begins with the application.
    /// </summary>
    private const string End =
        """
        WITH leaving AS (
            SELECT s.id FROM (SELECT DISTINCT id FROM unnest($2) AS a (id) ORDER BY id) AS n
            CROSS JOIN LATERAL (SELECT id FROM sessions WHERE id = n.id AND (application_id = $1) IS TRUE OFFSET 0 FOR UPDATE) AS s),
        ended AS (DELETE FROM sessions s USING leaving l WHERE s.id = l.id RETURNING s.id, s.unique_key, s.tokens_until + $5 AS until),
        revoked AS (
            INSERT INTO revocations (application_id, revoked_id, reason, revoked_at, effective_at, until)
            SELECT $1, id, $3, $4, $4, until FROM ended WHERE until > $4)
        SELECT id, unique_key, until FROM ended
        """;

    /// <summary>Deletes the sessions and revokes their tokens in one statement; ids of sessions that are gone already change nothing.</summary>
    /// <param name="applicationId">The application that they must belong to.</param>
    /// <param name="sessionIds">Their <c>sid</c>s.</param>
    /// <param name="reason">One of <see cref="RevocationReasons"/>.</param>
    /// <param name="now">The time that the revocations carry.</param>
    public static NpgsqlBatchCommand Command(Guid applicationId, IReadOnlyCollection<Guid> sessionIds, string reason, DateTimeOffset now) => new(End)
    {
        Parameters =
        {
            new NpgsqlParameter<Guid> { TypedValue = applicationId },
            new NpgsqlParameter<Guid[]> { TypedValue = [.. sessionIds] },
            new NpgsqlParameter<string> { TypedValue = reason },
            new NpgsqlParameter<DateTime> { TypedValue = now.UtcDateTime },
            new NpgsqlParameter<TimeSpan> { TypedValue = ClockMargin },
        },
    };

    /// <summary>Runs <see cref="Command"/> by itself and gives the sessions that it ended.</summary>
    public static Task<IReadOnlyList<EndedSession>> EndAsync(
        NpgsqlDataSource dataSource, Guid applicationId, IReadOnlyCollection<Guid> sessionIds, string reason, DateTimeOffset now, CancellationToken cancellationToken) =>
        StatementConflicts.RetryAsync(async () =>
        {
            await using var batch = dataSource.CreateBatch();
            batch.BatchCommands.Add(Command(applicationId, sessionIds, reason, now));
            await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
            return await ReadAsync(reader, reason, cancellationToken);
        });

    /// <summary>Reads what <see cref="Command"/> returned.</summary>
    public static async Task<IReadOnlyList<EndedSession>> ReadAsync(NpgsqlDataReader reader, string reason, CancellationToken cancellationToken)
    {
        var ended = new List<EndedSession>();
        while (await reader.ReadAsync(cancellationToken))
        {
            ended.Add(new EndedSession(reader.GetGuid(0), reader.GetString(1), reason, reader.GetFieldValue<DateTimeOffset>(2)));
        }

        return ended;
    }
}

/// <summary>A session that has just been ended.</summary>
/// <param name="Id">Its <c>sid</c>.</param>
/// <param name="UniqueKey">Its user.</param>
/// <param name="Reason">Why, one of <see cref="RevocationReasons"/>.</param>
/// <param name="Until">Until when one of its tokens could still be alive, clocks included.</param>
public sealed record EndedSession(Guid Id, string UniqueKey, string Reason, DateTimeOffset Until);
