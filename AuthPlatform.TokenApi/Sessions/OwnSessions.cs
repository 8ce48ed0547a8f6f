using AuthPlatform.Data;
using AuthPlatform.Data.Auth;
using Npgsql;
using Application = AuthPlatform.TokenApi.Requests.Application;

namespace AuthPlatform.TokenApi.Sessions;

/// <summary>Finds the sessions that an application means when it has no token of theirs, and never those of another.</summary>
internal sealed class OwnSessions(NpgsqlDataSource dataSource, UserTurns turns)
{
    /// <summary>
    /// By the user, whatever else is asked for: they have few (<see cref="SessionMoves"/> says how the other indexes are kept out of it). In the order of their ids only then.
    /// </summary>
    internal const string FindOfUser =
        """
        SELECT id FROM (
            SELECT id, device_hash, ip FROM sessions WHERE unique_key = $1 AND application_id = $2 ORDER BY device_hash, ip OFFSET 0) AS own
        WHERE ($3 = '' OR device_hash = $4) AND ($5 = '' OR ip = $5)
        ORDER BY id LIMIT $6
        """;

    /// <summary>Those that stand, and those whose end is still remembered: a token of theirs may be alive, if only for the rest of a grace.</summary>
    internal const string FindByIds =
        """
        SELECT o.id FROM unnest((SELECT $2)) AS n (id) CROSS JOIN LATERAL (
            (SELECT id FROM sessions WHERE id = n.id AND (application_id = $1) IS TRUE LIMIT 1)
            UNION ALL
            (SELECT revoked_id FROM revocations WHERE revoked_id = n.id AND (application_id = $1) IS TRUE AND NOT is_token LIMIT 1)) AS o
        """;

    /// <summary>
    /// The ids of a user's sessions, the oldest first. A sign-in that is just being written is waited for by the user's lock, and is among them; none that comes later is. Nothing
    /// else is locked while that lock is held, so nobody waits for this one who holds what it waits for.
    /// </summary>
    /// <param name="application">Whose user it is.</param>
    /// <param name="uniqueKey">The user.</param>
    /// <param name="place">Where they must stand now, as the application keeps it; what is empty does not matter.</param>
    /// <param name="limit">How many at most.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="TimeoutException">It has waited too long for the user's turn.</exception>
    public Task<IReadOnlyList<Guid>> OfUserAsync(Application application, string uniqueKey, UserPlace place, int limit, CancellationToken cancellationToken) =>
        turns.RunAsync(
            application, uniqueKey, () => StatementConflicts.RetryAsync(() => FindAsync(application, uniqueKey, place, limit, cancellationToken)), cancellationToken);

    /// <summary>Those of the ids that are, or were a moment ago, sessions of the application.</summary>
    public async Task<IReadOnlySet<Guid>> WithIdsAsync(Application application, IReadOnlyCollection<Guid> ids, CancellationToken cancellationToken)
    {
        var own = new HashSet<Guid>();
        if (ids.Count == 0)
        {
            return own;
        }

        await using var command = dataSource.CreateCommand(FindByIds, Sql.Value(application.Id), Sql.Value<Guid[]>([.. ids]));
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            own.Add(reader.GetGuid(0));
        }

        return own;
    }

    private async Task<IReadOnlyList<Guid>> FindAsync(Application application, string uniqueKey, UserPlace place, int limit, CancellationToken cancellationToken)
    {
        await using var batch = dataSource.CreateBatch();
        batch.BatchCommands.Add(LockWait.NoLongerThanASecond());
        batch.BatchCommands.Add(new NpgsqlBatchCommand(SessionMoves.LockUser) { Parameters = { Sql.Value(SessionBatches.UserLock(application, uniqueKey)) } });
        // By itself: it sees what was done while the lock was waited for.
        batch.BatchCommands.Add(new NpgsqlBatchCommand(FindOfUser)
        {
            Parameters = { Sql.Value(uniqueKey), Sql.Value(application.Id), Sql.Value(place.Device), Sql.Value(place.DeviceHash), Sql.Value(place.Ip), Sql.Value(limit) },
        });
        await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
        await reader.NextResultAsync(cancellationToken);
        await reader.NextResultAsync(cancellationToken);
        return await reader.ReadAllAsync(row => row.GetGuid(0), cancellationToken);
    }
}
