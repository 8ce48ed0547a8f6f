using AuthPlatform.Data;
using AuthPlatform.Data.Auth;
using Npgsql;
using Application = AuthPlatform.TokenApi.Requests.Application;

namespace AuthPlatform.TokenApi.Sessions;

/// <summary>
/// Moves a session to another place as it is refreshed, and ends whoever stands there. By itself, in one round trip and one transaction: what changes which sessions a user has
/// takes turns by a lock on the user.
/// </summary>
/// <remarks>
/// On a table that was never analysed every index seems as good as any other, and a statement prepared then would go on reading all sessions of the application, or of everybody whom
/// some application calls by the same name. So a user's sessions are asked for in the order that only the one index on all of that gives for nothing, and conditions beside an id
/// are written <c>IS TRUE</c>, which no index serves.
/// </remarks>
internal sealed class SessionMoves(NpgsqlDataSource dataSource, UserTurns turns)
{
    /// <summary>Of <see cref="SessionBatches.UserLock"/>, until the end of the transaction.</summary>
    internal const string LockUser = "SELECT pg_advisory_xact_lock(hashtextextended($1, 0))";

    /// <summary>
    /// The session that moves and whoever stands there, in the order of their ids, as all lock them who lock several. By itself: the next statement sees what others have done to
    /// them before.
    /// </summary>
    internal const string LockMoved =
        """
        SELECT s.id FROM (
            SELECT id FROM (
                SELECT id, device_hash, ip FROM sessions WHERE unique_key = $1 AND application_id = $2 ORDER BY device_hash, ip OFFSET 0) AS own
            WHERE id = $3 OR $4 = 'user' OR (device_hash = $5 AND ($4 = 'user_device' OR ip = $6))
            ORDER BY id OFFSET 0) AS o
        CROSS JOIN LATERAL (SELECT id FROM sessions WHERE id = o.id OFFSET 0 FOR UPDATE) AS s
        """;

    /// <summary>
    /// Ends whoever stands where a session moves to, with the grace of a refresh, unless the session has changed since it was read. A token of before a refresh may live longer
    /// than the newest one: the function is in the migration SessionEnds.
    /// </summary>
    internal const string EndMovedOnto =
        """
        WITH ended AS (
            DELETE FROM sessions AS s
            USING (
                SELECT id, device_hash, ip FROM sessions WHERE unique_key = $4 AND application_id = $2 ORDER BY device_hash, ip OFFSET 0) AS own
            WHERE s.id = own.id AND own.id <> $1 AND ($5 = 'user' OR (own.device_hash = $6 AND ($5 = 'user_device' OR own.ip = $7)))
                AND EXISTS (SELECT FROM sessions WHERE id = $1 AND (application_id = $2) IS TRUE AND generation = $3)
            RETURNING s.id, greatest(s.tokens_until + $10, revoked_until(s.id)) AS until),
        revoked AS (
            INSERT INTO revocations (application_id, revoked_id, reason, revoked_at, effective_at, until)
            SELECT $2, id, 'replaced', $8, $9, until FROM ended WHERE until > $8)
        SELECT id, 'replaced', until FROM ended
        """;

    private const string Move =
        """
        WITH renewed AS (
            UPDATE sessions SET generation = generation + 1, refreshed_at = $4, tokens_until = $5, idle_expires_at = $6,
                sweep_at = least(sweep_at, $6), key_id = $7, device = $8, device_hash = $9, ip = $10
            WHERE id = $1 AND (application_id = $2) IS TRUE AND generation = $3 RETURNING id),
        revoked AS (
            INSERT INTO revocations (application_id, revoked_id, generation, reason, revoked_at, effective_at, until)
            SELECT $2, id, $3, 'refreshed', $4, $11, $12 FROM renewed WHERE $12 > $4)
        SELECT id FROM renewed
        """;

    /// <summary>Gives the sessions that ended for it; null when the session is no longer as it was read.</summary>
    /// <exception cref="TimeoutException">It has waited too long for the user's turn, and was not moved.</exception>
    public Task<IReadOnlyList<EndedSession>?> MoveAsync(Application application, LiveSession session, SessionRenewal renewal, UserPlace place, CancellationToken cancellationToken) =>
        turns.RunAsync(
            application,
            session.UniqueKey,
            () => StatementConflicts.RetryAsync(() => TryMoveAsync(application, session, renewal, place, cancellationToken)),
            cancellationToken);

    private async Task<IReadOnlyList<EndedSession>?> TryMoveAsync(Application application, LiveSession session, SessionRenewal renewal, UserPlace place, CancellationToken cancellationToken)
    {
        await using var batch = dataSource.CreateBatch();
        batch.BatchCommands.Add(LockWait.NoLongerThanASecond());
        batch.BatchCommands.Add(new NpgsqlBatchCommand(LockUser) { Parameters = { Sql.Value(SessionBatches.UserLock(application, session.UniqueKey)) } });
        batch.BatchCommands.Add(new NpgsqlBatchCommand(LockMoved)
        {
            Parameters = { Sql.Value(session.UniqueKey), Sql.Value(application.Id), Sql.Value(session.Id), Sql.Value(application.SessionScope), Sql.Value(place.DeviceHash), Sql.Value(place.Ip) },
        });
        batch.BatchCommands.Add(new NpgsqlBatchCommand(EndMovedOnto)
        {
            Parameters =
            {
                Sql.Value(session.Id), Sql.Value(application.Id), Sql.Value(session.Generation), Sql.Value(session.UniqueKey), Sql.Value(application.SessionScope),
                Sql.Value(place.DeviceHash), Sql.Value(place.Ip), Sql.Value(renewal.RefreshedAt.UtcDateTime), Sql.Value(renewal.GraceUntil.UtcDateTime), Sql.Value(SessionEnding.ClockMargin),
            },
        });
        batch.BatchCommands.Add(new NpgsqlBatchCommand(Move)
        {
            Parameters =
            {
                Sql.Value(session.Id), Sql.Value(application.Id), Sql.Value(session.Generation), Sql.Value(renewal.RefreshedAt.UtcDateTime), Sql.Value(renewal.TokensUntil.UtcDateTime),
                Sql.Value(renewal.IdleExpiresAt.UtcDateTime), Sql.Value(renewal.KeyId), Sql.Value(place.Device), Sql.Value(place.DeviceHash), Sql.Value(place.Ip),
                Sql.Value(renewal.GraceUntil.UtcDateTime), Sql.Value((session.TokensUntil + SessionEnding.ClockMargin).UtcDateTime),
            },
        });
        await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
        await reader.NextResultAsync(cancellationToken);
        await reader.NextResultAsync(cancellationToken);
        await reader.NextResultAsync(cancellationToken);
        var ended = await reader.ReadAllAsync(
            row => new EndedSession(row.GetGuid(0), session.UniqueKey, row.GetString(1), row.GetFieldValue<DateTimeOffset>(2)), cancellationToken);
        await reader.NextResultAsync(cancellationToken);
        var moved = await reader.ReadAsync(cancellationToken);
        await reader.NextResultAsync(cancellationToken);
        return moved ? ended : null;
    }
}
