using AuthPlatform.Data;
using AuthPlatform.Data.Auth;
using Npgsql;
using Application = AuthPlatform.TokenApi.Requests.Application;

namespace AuthPlatform.TokenApi.Sessions;

/// <summary>
/// Finds sessions and moves them on. Each method is one round trip and one transaction, shared by those that arrive together, and right under any race: a refresh is a
/// compare-and-swap on the generation.
/// </summary>
internal sealed class SessionStore
{
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

    private readonly NpgsqlDataSource _dataSource;
    private readonly Batcher<Guid, (Guid ApplicationId, LiveSession Session)?> _finding;
    private readonly Batcher<Renewal, bool> _renewing;
    private readonly SessionMoves _moves;

    public SessionStore(NpgsqlDataSource dataSource, UserTurns turns, TimeProvider clock)
    {
        _dataSource = dataSource;
        _moves = new(dataSource, turns);
        _finding = new(StatementBatches.Concurrency, StatementBatches.MaxSize, FindAsync, _ => false, clock, SessionBatches.Moment);
        _renewing = new(StatementBatches.Concurrency, StatementBatches.MaxSize, RenewAsync, StatementBatches.Spoils, clock, SessionBatches.Moment);
    }

    /// <summary>The session, or null when it has ended or belongs to another application.</summary>
    public async Task<LiveSession?> FindAsync(Application application, Guid sessionId) =>
        await _finding.RunAsync(sessionId) is var (owner, session) && owner == application.Id ? session : null;

    /// <summary>Moves the session on by one generation, and gives the sessions that ended for it; null when it is no longer as it was read.</summary>
    public async Task<IReadOnlyList<EndedSession>?> RenewAsync(Application application, LiveSession session, SessionRenewal renewal, CancellationToken cancellationToken) =>
        renewal.MovedTo is { } place ? await _moves.MoveAsync(application, session, renewal, place, cancellationToken)
        : await _renewing.RunAsync(new Renewal(application, session, renewal)) ? [] : null;

    private async Task<IReadOnlyList<(Guid ApplicationId, LiveSession Session)?>> FindAsync(IReadOnlyList<Guid> ids)
    {
        await using var command = _dataSource.CreateCommand(Find, StatementBatches.Column([.. ids.Distinct()], id => id));
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

    private sealed record Renewal(Application Application, LiveSession Session, SessionRenewal To);
}
