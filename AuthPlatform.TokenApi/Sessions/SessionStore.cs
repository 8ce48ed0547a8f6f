using AuthPlatform.Data.Auth;
using Npgsql;
using Application = AuthPlatform.TokenApi.Requests.Application;

namespace AuthPlatform.TokenApi.Sessions;

/// <summary>
/// Finds sessions and moves them on. Each method is one round trip and one transaction, shared by those that arrive together, and right under any race: a refresh is a
/// compare-and-swap on the generation, and what changes which sessions a user has takes turns by a lock on the user.
/// </summary>
/// <remarks>
/// Conditions that must not choose the index, such as those on the application, are written <c>IS TRUE</c>, which none serves: on a table that was never analysed every index seems
/// as good as any other, and a statement prepared then would go on reading all sessions of the application.
/// </remarks>
internal sealed class SessionStore
{
    private const string LockUser = "SELECT pg_advisory_xact_lock(hashtextextended($1, 0))";

    /// <summary>
    /// Each looked up by itself: on a table that was never analysed, a list of ids looks like a reason to read all of it. Their number is hidden in a SELECT: the plan for a few
    /// would look cheaper than one for any number, and be made anew each time.
    /// </summary>
    private const string Find =
        """
        SELECT s.*, clock_timestamp() FROM unnest((SELECT $1)) AS n (id) CROSS JOIN LATERAL (
            SELECT id, application_id, unique_key, device, ip, generation, scope, claims, refreshed_at, tokens_until, idle_expires_at, absolute_expires_at
            FROM sessions WHERE id = n.id OFFSET 0) AS s
        """;

    /// <summary>Those that were still as they had been read; the function is in the migration SessionSweeps.</summary>
    private const string Renew = "SELECT id FROM renew_sessions($1, $2, $3, $4, $5, $6, $7, $8, $9)";

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

    private readonly NpgsqlDataSource _dataSource;
    private readonly Batcher<Guid, (Guid ApplicationId, LiveSession Session)?> _finding;
    private readonly Batcher<Renewal, bool> _renewing;

    public SessionStore(NpgsqlDataSource dataSource, TimeProvider clock)
    {
        _dataSource = dataSource;
        _finding = new(StatementBatches.Concurrency, StatementBatches.MaxSize, FindAsync, _ => false, clock, SessionBatches.Moment);
        _renewing = new(StatementBatches.Concurrency, StatementBatches.MaxSize, RenewAsync, StatementBatches.Spoils, clock, SessionBatches.Moment);
    }

    /// <summary>The session, or null when it has ended or belongs to another application.</summary>
    public async Task<LiveSession?> FindAsync(Application application, Guid sessionId) =>
        await _finding.RunAsync(sessionId) is var (owner, session) && owner == application.Id ? session : null;

    /// <summary>Moves the session on by one generation, and gives the sessions that ended for it; null when it is no longer as it was read.</summary>
    public async Task<IReadOnlyList<EndedSession>?> RenewAsync(Application application, LiveSession session, SessionRenewal renewal, CancellationToken cancellationToken) =>
        renewal.MovedTo is { } place ? await StatementConflicts.RetryAsync(() => MoveAsync(application, session, renewal, place, cancellationToken))
        : await _renewing.RunAsync(new Renewal(application, session, renewal)) ? [] : null;

    private async Task<IReadOnlyList<(Guid ApplicationId, LiveSession Session)?>> FindAsync(IReadOnlyList<Guid> ids)
    {
        await using var command = _dataSource.CreateCommand(Find);
        command.Parameters.Add(StatementBatches.Column([.. ids.Distinct()], id => id));
        await using var reader = await command.ExecuteReaderAsync();
        var found = new Dictionary<Guid, (Guid, LiveSession)?>();
        while (await reader.ReadAsync())
        {
            var id = reader.GetGuid(0);
            found[id] = (reader.GetGuid(1), new LiveSession(
                id,
                reader.GetString(2),
                new UserPlace(reader.GetString(3), reader.GetString(4)),
                reader.GetInt32(5),
                reader.IsDBNull(6) ? null : reader.GetString(6),
                reader.IsDBNull(7) ? null : reader.GetString(7),
                reader.GetFieldValue<DateTimeOffset>(8),
                reader.GetFieldValue<DateTimeOffset>(9),
                reader.GetFieldValue<DateTimeOffset>(10),
                reader.GetFieldValue<DateTimeOffset>(11),
                reader.GetFieldValue<DateTimeOffset>(12)));
        }

        return [.. ids.Select(found.GetValueOrDefault)];
    }

    private async Task<IReadOnlyList<bool>> RenewAsync(IReadOnlyList<Renewal> items)
    {
        // Of two who renew the same session at once, only one can be right; the other finds that out by reading it again.
        var first = items.DistinctBy(item => item.Session.Id).ToList();
        var statement = new NpgsqlBatchCommand(Renew)
        {
            Parameters =
            {
                StatementBatches.Column(first, r => r.Session.Id),
                StatementBatches.Column(first, r => r.Application.Id),
                StatementBatches.Column(first, r => r.Session.Generation),
                StatementBatches.Column(first, r => r.To.RefreshedAt.UtcDateTime),
                StatementBatches.Column(first, r => r.To.TokensUntil.UtcDateTime),
                StatementBatches.Column(first, r => r.To.IdleExpiresAt.UtcDateTime),
                StatementBatches.Column(first, r => r.To.KeyId),
                StatementBatches.Column(first, r => r.To.GraceUntil.UtcDateTime),
                StatementBatches.Column(first, r => (r.Session.TokensUntil + SessionEnding.ClockMargin).UtcDateTime),
            },
        };
        var renewed = (await StatementBatches.RunAsync(_dataSource, statement, row => row.GetGuid(0))).ToHashSet();
        var winners = first.Where(item => renewed.Contains(item.Session.Id)).ToHashSet(ReferenceEqualityComparer.Instance);
        return [.. items.Select(winners.Contains)];
    }

    /// <summary>By itself: it takes the place of whoever stands there.</summary>
    private async Task<IReadOnlyList<EndedSession>?> MoveAsync(Application application, LiveSession session, SessionRenewal renewal, UserPlace place, CancellationToken cancellationToken)
    {
        await using var batch = _dataSource.CreateBatch();
        batch.BatchCommands.Add(new NpgsqlBatchCommand(LockUser) { Parameters = { Value(SessionBatches.UserLock(application, session.UniqueKey)) } });
        batch.BatchCommands.Add(new NpgsqlBatchCommand(LockMoved)
        {
            Parameters = { Value(session.UniqueKey), Value(application.Id), Value(session.Id), Value(application.SessionScope), Value(place.DeviceHash), Value(place.Ip) },
        });
        batch.BatchCommands.Add(new NpgsqlBatchCommand(EndMovedOnto)
        {
            Parameters =
            {
                Value(session.Id), Value(application.Id), Value(session.Generation), Value(session.UniqueKey), Value(application.SessionScope),
                Value(place.DeviceHash), Value(place.Ip), Value(renewal.RefreshedAt), Value(renewal.GraceUntil), Value(SessionEnding.ClockMargin),
            },
        });
        batch.BatchCommands.Add(new NpgsqlBatchCommand(Move)
        {
            Parameters =
            {
                Value(session.Id), Value(application.Id), Value(session.Generation), Value(renewal.RefreshedAt), Value(renewal.TokensUntil),
                Value(renewal.IdleExpiresAt), Value(renewal.KeyId), Value(place.Device), Value(place.DeviceHash), Value(place.Ip),
                Value(renewal.GraceUntil), Value(session.TokensUntil + SessionEnding.ClockMargin),
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

    private static NpgsqlParameter<Guid> Value(Guid value) => new() { TypedValue = value };

    private static NpgsqlParameter<int> Value(int value) => new() { TypedValue = value };

    private static NpgsqlParameter<string> Value(string value) => new() { TypedValue = value };

    private static NpgsqlParameter<byte[]> Value(byte[] value) => new() { TypedValue = value };

    private static NpgsqlParameter<DateTime> Value(DateTimeOffset value) => new() { TypedValue = value.UtcDateTime };

    private static NpgsqlParameter<TimeSpan> Value(TimeSpan value) => new() { TypedValue = value };

    private sealed record Renewal(Application Application, LiveSession Session, SessionRenewal To);
}
