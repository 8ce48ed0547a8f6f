using AuthPlatform.Data.Auth;
using Npgsql;
using Application = AuthPlatform.TokenApi.Requests.Application;

namespace AuthPlatform.TokenApi.Sessions;

/// <summary>Starts sessions: those that arrive together in one round trip and one transaction.</summary>
internal sealed class SessionStarts
{
    /// <summary>Users are locked in the order of their locks, by every replica: no two batches can wait for each other.</summary>
    private const string LockUsers =
        "SELECT pg_advisory_xact_lock(l.key) FROM (SELECT hashtextextended(u.name, 0) AS key FROM unnest($1) AS u (name) ORDER BY 1 OFFSET 0) AS l";

    /// <summary>A row for each session that ended; the function is in the migration SessionFunctions.</summary>
    private const string Start =
        """
        SELECT n.id, e.ended_id, e.reason, e.until
        FROM unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15) AS n (
            id, application_id, unique_key, device, device_hash, ip, scope, claims, key_id, started_at, tokens_until, idle_expires_at, absolute_expires_at, session_scope, most)
        CROSS JOIN LATERAL start_session(
            n.id, n.application_id, n.unique_key, n.device, n.device_hash, n.ip, n.scope, n.claims, n.key_id, n.started_at, n.tokens_until, n.idle_expires_at,
            n.absolute_expires_at, n.session_scope, n.most, $16) AS e
        """;

    private readonly NpgsqlDataSource _dataSource;
    private readonly Batcher<Item, IReadOnlyList<EndedSession>> _batches;

    /// <summary>A user who signs in a hundred times at once waits here, not in a hundred transactions; and no batch has the same user twice.</summary>
    private readonly SemaphoreSlim[] _userTurns = [.. Enumerable.Range(0, 1024).Select(_ => new SemaphoreSlim(1, 1))];

    public SessionStarts(NpgsqlDataSource dataSource, TimeProvider clock)
    {
        _dataSource = dataSource;
        _batches = new(SessionBatches.Concurrency, SessionBatches.MaxSize, StartAsync, SessionBatches.Spoils, clock);
    }

    /// <summary>Starts the session and gives those that ended for it.</summary>
    /// <param name="application">Whose user it is.</param>
    /// <param name="session">The session.</param>
    /// <param name="cancellationToken">Ends the wait for the user's turn; what has begun afterwards is finished.</param>
    public async Task<IReadOnlyList<EndedSession>> StartAsync(Application application, NewSession session, CancellationToken cancellationToken)
    {
        var turn = _userTurns[(uint)HashCode.Combine(application.Id, session.UniqueKey) % _userTurns.Length];
        await turn.WaitAsync(cancellationToken);
        try
        {
            return await _batches.RunAsync(new Item(application, session));
        }
        finally
        {
            turn.Release();
        }
    }

    private async Task<IReadOnlyList<IReadOnlyList<EndedSession>>> StartAsync(IReadOnlyList<Item> items)
    {
        await using var batch = _dataSource.CreateBatch();
        batch.BatchCommands.Add(new NpgsqlBatchCommand(LockUsers) { Parameters = { SessionBatches.Column(items, i => SessionBatches.UserLock(i.Application, i.Session.UniqueKey)) } });
        batch.BatchCommands.Add(new NpgsqlBatchCommand(Start)
        {
            Parameters =
            {
                SessionBatches.Column(items, i => i.Session.Id),
                SessionBatches.Column(items, i => i.Application.Id),
                SessionBatches.Column(items, i => i.Session.UniqueKey),
                SessionBatches.Column(items, i => i.Session.Place.Device),
                SessionBatches.Column(items, i => i.Session.Place.DeviceHash),
                SessionBatches.Column(items, i => i.Session.Place.Ip),
                SessionBatches.Column(items, i => i.Session.Scope),
                SessionBatches.Column(items, i => i.Session.Claims),
                SessionBatches.Column(items, i => i.Session.KeyId),
                SessionBatches.Column(items, i => i.Session.StartedAt.UtcDateTime),
                SessionBatches.Column(items, i => i.Session.TokensUntil.UtcDateTime),
                SessionBatches.Column(items, i => i.Session.IdleExpiresAt.UtcDateTime),
                SessionBatches.Column(items, i => i.Session.AbsoluteExpiresAt.UtcDateTime),
                SessionBatches.Column(items, i => i.Application.SessionScope),
                SessionBatches.Column(items, i => (long)i.Application.MaxSessionsPerUser),
                new NpgsqlParameter<TimeSpan> { TypedValue = SessionEnding.ClockMargin },
            },
        });
        await using var reader = await batch.ExecuteReaderAsync();
        await reader.NextResultAsync();
        var ended = new List<(Guid Id, Guid EndedId, string Reason, DateTimeOffset Until)>();
        while (await reader.ReadAsync())
        {
            ended.Add((reader.GetGuid(0), reader.GetGuid(1), reader.GetString(2), reader.GetFieldValue<DateTimeOffset>(3)));
        }

        // Reading to the end is what waits for the commit.
        await reader.NextResultAsync();
        var endedFor = ended.ToLookup(e => e.Id);
        return [.. items.Select(i => endedFor[i.Session.Id].Select(e => new EndedSession(e.EndedId, i.Session.UniqueKey, e.Reason, e.Until)).ToList())];
    }

    private sealed record Item(Application Application, NewSession Session);
}
