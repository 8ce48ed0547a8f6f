using System.Data;
using AuthPlatform.Data.Auth;
using Npgsql;
using Application = AuthPlatform.TokenApi.Requests.Application;

namespace AuthPlatform.TokenApi.Sessions;

/// <summary>
/// The statements on sessions. Each method is one round trip and one transaction, and right under any race: what changes which sessions a user has takes turns
/// by a lock on the user, and a refresh is a compare-and-swap on the generation.
/// </summary>
/// <remarks>
/// Conditions on the application are written <c>IS TRUE</c>, which no index serves: on a table that was never analysed every index seems as good as any other, and a
/// statement prepared then would go on reading all sessions of the application.
/// </remarks>
internal sealed class SessionStore(NpgsqlDataSource dataSource)
{
    /// <summary>A user who signs in a hundred times at once waits here, not in a hundred connections that others need.</summary>
    private readonly SemaphoreSlim[] _userTurns = [.. Enumerable.Range(0, 1024).Select(_ => new SemaphoreSlim(1, 1))];

    private const string LockUser = "SELECT pg_advisory_xact_lock(hashtextextended($1, 0))";

    /// <summary>
    /// Ends the sessions in whose place a new one starts, and those beyond the number that a user may have, least recently used first. A row is revoked only
    /// when one of its tokens is still alive.
    /// </summary>
    private const string EndReplacedAndSurplus =
        """
        WITH standing AS (
            SELECT id, $3 = 'user' OR (device_hash = $4 AND ($3 = 'user_device' OR ip = $5)) AS replaced, refreshed_at
            FROM sessions WHERE unique_key = $2 AND (application_id = $1) IS TRUE),
        ranked AS (SELECT id, replaced, row_number() OVER (PARTITION BY replaced ORDER BY refreshed_at DESC, id DESC) AS place FROM standing),
        leaving AS (
            SELECT s.id, r.replaced FROM sessions s JOIN ranked r USING (id) WHERE r.replaced OR r.place >= $6 ORDER BY s.id FOR UPDATE OF s),
        ended AS (
            DELETE FROM sessions s USING leaving l WHERE s.id = l.id
            RETURNING s.id, CASE WHEN l.replaced THEN 'replaced' ELSE 'evicted' END AS reason, s.tokens_until + $8 AS until),
        revoked AS (
            INSERT INTO revocations (application_id, revoked_id, reason, revoked_at, effective_at, until)
            SELECT $1, id, reason, $7, $7, until FROM ended WHERE until > $7)
        SELECT id, reason, until FROM ended
        """;

    private const string Insert =
        """
        INSERT INTO sessions (id, application_id, unique_key, device, device_hash, ip, scope, claims, key_id, generation, created_at, refreshed_at,
                              tokens_until, idle_expires_at, absolute_expires_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 0, $10, $10, $11, $12, $13)
        """;

    private const string Find =
        """
        SELECT unique_key, device, ip, generation, scope, claims, refreshed_at, tokens_until, idle_expires_at, absolute_expires_at
        FROM sessions WHERE id = $1 AND (application_id = $2) IS TRUE
        """;

    /// <summary>Ends whoever stands where a session moves to, with the grace of a refresh, unless the session has changed since it was read.</summary>
    private const string EndMovedOnto =
        """
        WITH mine AS (SELECT FROM sessions WHERE id = $1 AND (application_id = $2) IS TRUE AND generation = $3 FOR UPDATE),
        leaving AS (
            SELECT s.id FROM sessions s, mine
            WHERE s.unique_key = $4 AND (s.application_id = $2) IS TRUE AND s.id <> $1 AND ($5 = 'user' OR (s.device_hash = $6 AND ($5 = 'user_device' OR s.ip = $7)))
            ORDER BY s.id FOR UPDATE OF s),
        ended AS (DELETE FROM sessions s USING leaving l WHERE s.id = l.id RETURNING s.id, s.tokens_until + $10 AS until),
        revoked AS (
            INSERT INTO revocations (application_id, revoked_id, reason, revoked_at, effective_at, until)
            SELECT $2, id, 'replaced', $8, $9, until FROM ended WHERE until > $8)
        SELECT id, 'replaced', until FROM ended
        """;

    private const string Renew =
        """
        WITH renewed AS (
            UPDATE sessions SET generation = generation + 1, refreshed_at = $4, tokens_until = $5, idle_expires_at = $6, key_id = $7,
                device = coalesce($8, device), device_hash = coalesce($9, device_hash), ip = coalesce($10, ip)
            WHERE id = $1 AND (application_id = $2) IS TRUE AND generation = $3 RETURNING id),
        revoked AS (
            INSERT INTO revocations (application_id, revoked_id, generation, reason, revoked_at, effective_at, until)
            SELECT $2, id, $3, 'refreshed', $4, $11, $12 FROM renewed WHERE $12 > $4)
        SELECT id FROM renewed
        """;

    /// <summary>Starts the session and gives those that ended for it.</summary>
    public async Task<IReadOnlyList<EndedSession>> StartAsync(Application application, NewSession session, CancellationToken cancellationToken)
    {
        await using var batch = dataSource.CreateBatch();
        batch.BatchCommands.Add(new NpgsqlBatchCommand(LockUser) { Parameters = { UserLock(application, session.UniqueKey) } });
        batch.BatchCommands.Add(new NpgsqlBatchCommand(EndReplacedAndSurplus)
        {
            Parameters =
            {
                Value(application.Id), Value(session.UniqueKey), Value(application.SessionScope), Value(session.Place.DeviceHash), Value(session.Place.Ip),
                Value((long)application.MaxSessionsPerUser), Value(session.StartedAt), Value(SessionEnding.ClockMargin),
            },
        });
        batch.BatchCommands.Add(new NpgsqlBatchCommand(Insert)
        {
            Parameters =
            {
                Value(session.Id), Value(application.Id), Value(session.UniqueKey), Value(session.Place.Device), Value(session.Place.DeviceHash),
                Value(session.Place.Ip), Value(session.Scope), Value(session.Claims), Value(session.KeyId), Value(session.StartedAt),
                Value(session.TokensUntil), Value(session.IdleExpiresAt), Value(session.AbsoluteExpiresAt),
            },
        });
        var turn = await TakeTurnAsync(application, session.UniqueKey, cancellationToken);
        try
        {
            await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
            await reader.NextResultAsync(cancellationToken);
            var ended = await ReadEndedAsync(reader, session.UniqueKey, cancellationToken);
            // Reading to the end is what waits for the last statement, and for the commit.
            await reader.NextResultAsync(cancellationToken);
            return ended;
        }
        finally
        {
            turn.Release();
        }
    }

    /// <summary>The session, or null when it has ended or belongs to another application.</summary>
    public async Task<LiveSession?> FindAsync(Application application, Guid sessionId, CancellationToken cancellationToken)
    {
        await using var command = dataSource.CreateCommand(Find);
        command.Parameters.Add(Value(sessionId));
        command.Parameters.Add(Value(application.Id));
        await using var reader = await command.ExecuteReaderAsync(CommandBehavior.SingleRow, cancellationToken);
        return await reader.ReadAsync(cancellationToken)
            ? new LiveSession(
                sessionId,
                reader.GetString(0),
                new UserPlace(reader.GetString(1), reader.GetString(2)),
                reader.GetInt32(3),
                reader.IsDBNull(4) ? null : reader.GetString(4),
                reader.IsDBNull(5) ? null : reader.GetString(5),
                reader.GetFieldValue<DateTimeOffset>(6),
                reader.GetFieldValue<DateTimeOffset>(7),
                reader.GetFieldValue<DateTimeOffset>(8),
                reader.GetFieldValue<DateTimeOffset>(9))
            : null;
    }

    /// <summary>Moves the session on by one generation, and gives the sessions that ended for it; null when it is no longer as it was read.</summary>
    public async Task<IReadOnlyList<EndedSession>?> RenewAsync(Application application, LiveSession session, SessionRenewal renewal, CancellationToken cancellationToken)
    {
        await using var batch = dataSource.CreateBatch();
        var moves = renewal.MovedTo is not null;
        if (renewal.MovedTo is { } place)
        {
            batch.BatchCommands.Add(new NpgsqlBatchCommand(LockUser) { Parameters = { UserLock(application, session.UniqueKey) } });
            batch.BatchCommands.Add(new NpgsqlBatchCommand(EndMovedOnto)
            {
                Parameters =
                {
                    Value(session.Id), Value(application.Id), Value(session.Generation), Value(session.UniqueKey), Value(application.SessionScope),
                    Value(place.DeviceHash), Value(place.Ip), Value(renewal.RefreshedAt), Value(renewal.GraceUntil), Value(SessionEnding.ClockMargin),
                },
            });
        }

        batch.BatchCommands.Add(new NpgsqlBatchCommand(Renew)
        {
            Parameters =
            {
                Value(session.Id), Value(application.Id), Value(session.Generation), Value(renewal.RefreshedAt), Value(renewal.TokensUntil),
                Value(renewal.IdleExpiresAt), Value(renewal.KeyId), Value(renewal.MovedTo?.Device), Value(renewal.MovedTo?.DeviceHash),
                Value(renewal.MovedTo?.Ip), Value(renewal.GraceUntil), Value(session.TokensUntil + SessionEnding.ClockMargin),
            },
        });
        await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
        IReadOnlyList<EndedSession> ended = [];
        if (moves)
        {
            await reader.NextResultAsync(cancellationToken);
            ended = await ReadEndedAsync(reader, session.UniqueKey, cancellationToken);
            await reader.NextResultAsync(cancellationToken);
        }

        var renewed = await reader.ReadAsync(cancellationToken);
        await reader.NextResultAsync(cancellationToken);
        return renewed ? ended : null;
    }

    private static async Task<IReadOnlyList<EndedSession>> ReadEndedAsync(NpgsqlDataReader reader, string uniqueKey, CancellationToken cancellationToken)
    {
        List<EndedSession>? ended = null;
        while (await reader.ReadAsync(cancellationToken))
        {
            (ended ??= []).Add(new EndedSession(reader.GetGuid(0), uniqueKey, reader.GetString(1), reader.GetFieldValue<DateTimeOffset>(2)));
        }

        return ended ?? [];
    }

    private async Task<SemaphoreSlim> TakeTurnAsync(Application application, string uniqueKey, CancellationToken cancellationToken)
    {
        var turn = _userTurns[(uint)HashCode.Combine(application.Id, uniqueKey) % _userTurns.Length];
        await turn.WaitAsync(cancellationToken);
        return turn;
    }

    private static NpgsqlParameter<string> UserLock(Application application, string uniqueKey) => Value($"{application.Id}/{uniqueKey}");

    private static NpgsqlParameter<Guid> Value(Guid value) => new() { TypedValue = value };

    private static NpgsqlParameter<int> Value(int value) => new() { TypedValue = value };

    private static NpgsqlParameter<long> Value(long value) => new() { TypedValue = value };

    private static NpgsqlParameter<string> Value(string? value) => new() { TypedValue = value, NpgsqlDbType = NpgsqlTypes.NpgsqlDbType.Text };

    private static NpgsqlParameter<byte[]> Value(byte[]? value) => new() { TypedValue = value, NpgsqlDbType = NpgsqlTypes.NpgsqlDbType.Bytea };

    private static NpgsqlParameter<DateTime> Value(DateTimeOffset value) => new() { TypedValue = value.UtcDateTime };

    private static NpgsqlParameter<TimeSpan> Value(TimeSpan value) => new() { TypedValue = value };
}
