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
/// Conditions that must not choose the index, such as those on the application, are written <c>IS TRUE</c>, which none serves: on a table that was never analysed every index seems
/// as good as any other, and a statement prepared then would go on reading all sessions of the application.
/// </remarks>
internal sealed class SessionMoves(NpgsqlDataSource dataSource)
{
    /// <summary>Of <see cref="SessionBatches.UserLock"/>, until the end of the transaction.</summary>
    internal const string LockUser = "SELECT pg_advisory_xact_lock(hashtextextended($1, 0))";

    /// <summary>
    /// The session that moves and whoever stands there, in the order of their ids, as all lock them who lock several. By itself: the next statement sees what others have done to
    /// them before.
    /// </summary>
    private const string LockMoved =
        """
        SELECT id FROM sessions
        WHERE unique_key = $1 AND (application_id = $2) IS TRUE AND (id = $3 OR $4 = 'user' OR (device_hash = $5 AND ($4 = 'user_device' OR ip = $6))) IS TRUE
        ORDER BY id FOR UPDATE
        """;

    /// <summary>
    /// Ends whoever stands where a session moves to, with the grace of a refresh, unless the session has changed since it was read. A token of before a refresh may live longer
    /// than the newest one: the function is in the migration SessionEnds.
    /// </summary>
    private const string EndMovedOnto =
        """
        WITH ended AS (
            DELETE FROM sessions s
            WHERE s.unique_key = $4 AND (s.application_id = $2) IS TRUE AND s.id <> $1 AND ($5 = 'user' OR (s.device_hash = $6 AND ($5 = 'user_device' OR s.ip = $7)))
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
    public Task<IReadOnlyList<EndedSession>?> MoveAsync(Application application, LiveSession session, SessionRenewal renewal, UserPlace place, CancellationToken cancellationToken) =>
        StatementConflicts.RetryAsync(() => TryMoveAsync(application, session, renewal, place, cancellationToken));

    private async Task<IReadOnlyList<EndedSession>?> TryMoveAsync(Application application, LiveSession session, SessionRenewal renewal, UserPlace place, CancellationToken cancellationToken)
    {
        await using var batch = dataSource.CreateBatch();
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
        var ended = new List<EndedSession>();
        while (await reader.ReadAsync(cancellationToken))
        {
            ended.Add(new EndedSession(reader.GetGuid(0), session.UniqueKey, reader.GetString(1), reader.GetFieldValue<DateTimeOffset>(2)));
        }

        await reader.NextResultAsync(cancellationToken);
        var moved = await reader.ReadAsync(cancellationToken);
        await reader.NextResultAsync(cancellationToken);
        return moved ? ended : null;
    }
}
