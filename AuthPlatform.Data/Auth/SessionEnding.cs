using Npgsql;

namespace AuthPlatform.Data.Auth;

/// <summary>Ends sessions before their time, for whoever may: the application, its user's next sign-in, an administrator.</summary>
public static class SessionEnding
{
    /// <summary>
    /// How much longer than the last token a revocation is kept: twice the largest skew that verification can be set to, because the clock of the one who
    /// wrote it and that of the one who verifies may be wrong in opposite directions.
    /// </summary>
    public static readonly TimeSpan ClockMargin = TimeSpan.FromSeconds(2 * TokenLimits.LargestSkewSeconds);

    /// <summary>The function is in the migration SessionEnds.</summary>
    private const string End = "SELECT id, unique_key, until FROM end_sessions($1, $2, $3, $4, $5)";

    /// <summary>Deletes the sessions and revokes their tokens in one statement; ids of sessions that are gone already change nothing.</summary>
    /// <param name="applicationId">The application that they must belong to.</param>
    /// <param name="sessionIds">Their <c>sid</c>s.</param>
    /// <param name="reason">One of <see cref="RevocationReasons"/>.</param>
    /// <param name="now">The time that the revocations carry.</param>
    public static NpgsqlBatchCommand Command(Guid applicationId, IReadOnlyCollection<Guid> sessionIds, string reason, DateTimeOffset now) => new(End)
    {
        Parameters =
        {
            Sql.Value(applicationId),
            Sql.Value<Guid[]>([.. sessionIds]),
            Sql.Value(reason),
            Sql.Value(now.UtcDateTime),
            Sql.Value(ClockMargin),
        },
    };

    /// <summary>Runs <see cref="Command"/> by itself and gives the sessions that it ended. Waits for one that somebody holds for a second, and then for another.</summary>
    public static Task<IReadOnlyList<EndedSession>> EndAsync(
        NpgsqlDataSource dataSource, Guid applicationId, IReadOnlyCollection<Guid> sessionIds, string reason, DateTimeOffset now, CancellationToken cancellationToken) =>
        StatementConflicts.RetryAsync(async () =>
        {
            await using var batch = dataSource.CreateBatch();
            batch.BatchCommands.Add(LockWait.NoLongerThanASecond());
            batch.BatchCommands.Add(Command(applicationId, sessionIds, reason, now));
            await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
            await reader.NextResultAsync(cancellationToken);
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
