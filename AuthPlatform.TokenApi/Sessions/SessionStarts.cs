using AuthPlatform.Data;
using AuthPlatform.Data.Auth;
using Npgsql;
using Application = AuthPlatform.TokenApi.Requests.Application;

namespace AuthPlatform.TokenApi.Sessions;

/// <summary>Starts sessions: those that arrive together in one round trip and one transaction.</summary>
internal sealed class SessionStarts
{
    /// <summary>A row for each session that ended; the function is in the migration SessionLookups.</summary>
    private const string Start =
        "SELECT id, ended_id, reason, until FROM start_sessions($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)";

    private readonly NpgsqlDataSource _dataSource;

    /// <summary>Beside what they are for everywhere: no batch has the same user twice.</summary>
    private readonly UserTurns _turns;

    private readonly TimeProvider _clock;
    private readonly Batcher<Item, IReadOnlyList<EndedSession>> _batches;

    public SessionStarts(NpgsqlDataSource dataSource, UserTurns turns, TimeProvider clock)
    {
        (_dataSource, _turns, _clock) = (dataSource, turns, clock);
        _batches = new(StatementBatches.Concurrency, StatementBatches.MaxSize, StartAsync, StatementBatches.Spoils, clock, SessionBatches.Moment);
    }

    /// <summary>Starts the session and gives those that ended for it.</summary>
    /// <param name="application">Whose user it is.</param>
    /// <param name="session">The session.</param>
    /// <param name="cancellationToken">Ends the wait for the user's turn; what has begun afterwards is finished.</param>
    /// <exception cref="TimeoutException">It has waited too long, for the user's turn or for others to be done, and was not started.</exception>
    public Task<IReadOnlyList<EndedSession>> StartAsync(Application application, NewSession session, CancellationToken cancellationToken)
    {
        var since = _clock.GetTimestamp();
        return _turns.RunAsync(application, session.UniqueKey, () => _batches.RunSinceAsync(new Item(application, session), since), cancellationToken);
    }

    /// <summary>Starts nothing, so that whoever starts the first session need not wait for more than its own.</summary>
    public Task WarmUpAsync() => StartAsync([]);

    private async Task<IReadOnlyList<IReadOnlyList<EndedSession>>> StartAsync(IReadOnlyList<Item> items)
    {
        var statement = new NpgsqlBatchCommand(Start)
        {
            Parameters =
            {
                StatementBatches.Column(items, i => SessionBatches.UserLock(i.Application, i.Session.UniqueKey)),
                StatementBatches.Column(items, i => i.Session.Id),
                StatementBatches.Column(items, i => i.Application.Id),
                StatementBatches.Column(items, i => i.Session.UniqueKey),
                StatementBatches.Column(items, i => i.Session.Place.Device),
                StatementBatches.Column(items, i => i.Session.Place.DeviceHash),
                StatementBatches.Column(items, i => i.Session.Place.Ip),
                StatementBatches.Column(items, i => i.Session.Scope),
                StatementBatches.Column(items, i => i.Session.Claims),
                StatementBatches.Column(items, i => i.Session.KeyId),
                StatementBatches.Column(items, i => i.Session.StartedAt.UtcDateTime),
                StatementBatches.Column(items, i => i.Session.TokensUntil.UtcDateTime),
                StatementBatches.Column(items, i => i.Session.IdleExpiresAt.UtcDateTime),
                StatementBatches.Column(items, i => i.Session.AbsoluteExpiresAt.UtcDateTime),
                StatementBatches.Column(items, i => i.Application.SessionScope),
                StatementBatches.Column(items, i => (long)i.Application.MaxSessionsPerUser),
                Sql.Value(SessionEnding.ClockMargin),
            },
        };
        var ended = await StatementBatches.RunAsync(
            _dataSource, statement, row => (Id: row.GetGuid(0), EndedId: row.GetGuid(1), Reason: row.GetString(2), Until: row.GetFieldValue<DateTimeOffset>(3)));
        var endedFor = ended.ToLookup(e => e.Id);
        return [.. items.Select(i => endedFor[i.Session.Id].Select(e => new EndedSession(e.EndedId, i.Session.UniqueKey, e.Reason, e.Until)).ToList())];
    }

    private sealed record Item(Application Application, NewSession Session);
}
