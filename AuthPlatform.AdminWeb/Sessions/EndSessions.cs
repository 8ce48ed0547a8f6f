using System.Text.Json;
using AuthPlatform.AdminWeb.Applications;
using AuthPlatform.AdminWeb.Audit;
using AuthPlatform.AdminWeb.SignIn;
using AuthPlatform.Data;
using AuthPlatform.Data.Auth;
using Npgsql;
using NpgsqlTypes;

namespace AuthPlatform.AdminWeb.Sessions;

/// <summary>Ends sessions as their application could: when it returns, every replica refuses their tokens. Who did it is written in the transaction that does it.</summary>
internal sealed class EndSessions(NpgsqlDataSource dataSource, SessionQuery query, RevocationAnnouncer revocations, IHttpContextAccessor accessor, TimeProvider clock)
{
    /// <summary>Rows are locked for as long as so many take.</summary>
    private const int BatchSize = 1000;

    private const int MostInOneRequest = 20_000;

    private const string AuditSessions =
        """
        INSERT INTO audit_events (occurred_at, id, application_id, client_id, kind, session_id, unique_key, address, actor)
        SELECT $1, e.id, $2, $3, $4, e.session_id, e.unique_key, $5, $6 FROM unnest($7, $8, $9) AS e (id, session_id, unique_key)
        """;

    private const string AuditSearch =
        """
        INSERT INTO audit_events (occurred_at, id, application_id, client_id, kind, address, actor, count, details)
        SELECT $1, $2, (SELECT id FROM applications WHERE client_id = $3), $3, $4, $5, $6, $7, $8
        """;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(4);

    private string Actor => accessor.HttpContext!.Administrator().UserName;

    private string? Address => accessor.HttpContext!.CallerAddress();

    /// <summary>Ends those that are still there and gives their number.</summary>
    public async Task<int> EndAsync(IEnumerable<SessionRow> sessions, CancellationToken cancellationToken)
    {
        var now = DateTimeOffset.FromUnixTimeMilliseconds(clock.GetUtcNow().ToUnixTimeMilliseconds());
        var revoked = new List<RevokedTokens>();
        try
        {
            foreach (var application in sessions.GroupBy(s => (s.ApplicationId, s.ClientId)))
            {
                foreach (var batch in application.Chunk(BatchSize))
                {
                    var ended = await EndAsync(application.Key.ApplicationId, application.Key.ClientId, [.. batch.Select(s => s.Id)], now, cancellationToken);
                    revoked.AddRange(ended.Select(e => RevokedTokens.Of(e, now)));
                }
            }
        }
        finally
        {
            // Also when the browser went away in the middle: what is ended must be refused.
            await revocations.AnnounceAsync(revoked, CancellationToken.None);
        }

        return revoked.Count;
    }

    /// <summary>
    /// Ends what a search finds, the oldest first, in small transactions and for as long as one request may take. What was looked for, and how many it were, is written down
    /// besides, also when the browser went away in the middle.
    /// </summary>
    /// <param name="search">What is looked for.</param>
    /// <param name="scope">Where.</param>
    /// <param name="until">Sessions from this id on are not meant; null for all.</param>
    /// <param name="cancellationToken">Ends it after the batch that is under way.</param>
    /// <returns>How many have ended, and whether none is left.</returns>
    /// <exception cref="TooMuchToSearchException">The first of them are not found in time.</exception>
    public async Task<(int Ended, bool IsDone)> EndFoundAsync(SessionSearch search, ApplicationScope scope, Guid? until, CancellationToken cancellationToken)
    {
        var began = clock.GetTimestamp();
        var (count, after, isDone) = (0, default(Guid?), false);
        try
        {
            while (!isDone && count < MostInOneRequest && clock.GetElapsedTime(began) < Patience)
            {
                var rows = await query.ReadAsync(search, scope, new Part(after, until, true, BatchSize), cancellationToken);
                count += await EndAsync(rows, CancellationToken.None);
                isDone = rows.Count < BatchSize;
                after = rows.Count == 0 ? after : rows[^1].Id;
            }
        }
        catch (TooMuchToSearchException) when (count > 0)
        {
            // First it is said what has ended; whoever goes on is told the rest.
        }
        finally
        {
            if (count > 0)
            {
                await AuditAsync(search, count);
            }
        }

        return (count, isDone);
    }

    private async Task AuditAsync(SessionSearch search, int count)
    {
        var now = clock.GetUtcNow();
        await using var command = dataSource.CreateCommand(
            AuditSearch,
            Sql.Value(now.UtcDateTime),
            Sql.Value(Guid.CreateVersion7(now)),
            Sql.Value(search.App),
            Sql.Value(AuditKinds.SessionsEnded),
            Sql.Value(Address),
            Sql.Value(Actor),
            Sql.Value(count),
            new NpgsqlParameter { NpgsqlDbType = NpgsqlDbType.Jsonb, Value = JsonSerializer.Serialize(search.ToRoute()) });
        await command.ExecuteNonQueryAsync(CancellationToken.None);
    }

    private Task<IReadOnlyList<EndedSession>> EndAsync(Guid applicationId, string clientId, Guid[] ids, DateTimeOffset now, CancellationToken cancellationToken) =>
        StatementConflicts.RetryAsync(async () =>
        {
            await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
            await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
            IReadOnlyList<EndedSession> ended;
            await using (var batch = new NpgsqlBatch(connection, transaction) { BatchCommands = { SessionEnding.Command(applicationId, ids, RevocationReasons.Revoked, now) } })
            await using (var reader = await batch.ExecuteReaderAsync(cancellationToken))
            {
                ended = await SessionEnding.ReadAsync(reader, RevocationReasons.Revoked, cancellationToken);
            }

            await using var audit = new NpgsqlCommand(AuditSessions, connection, transaction);
            audit.Parameters.Add(Sql.Value(now.UtcDateTime));
            audit.Parameters.Add(Sql.Value(applicationId));
            audit.Parameters.Add(Sql.Value(clientId));
            audit.Parameters.Add(Sql.Value(AuditKinds.Revoked));
            audit.Parameters.Add(Sql.Value(Address));
            audit.Parameters.Add(Sql.Value(Actor));
            audit.Parameters.Add(Sql.Value<Guid[]>([.. ended.Select(_ => Guid.CreateVersion7(now))]));
            audit.Parameters.Add(Sql.Value<Guid[]>([.. ended.Select(e => e.Id)]));
            audit.Parameters.Add(Sql.Value<string[]>([.. ended.Select(e => e.UniqueKey)]));
            await audit.ExecuteNonQueryAsync(cancellationToken);
            await transaction.CommitAsync(cancellationToken);
            return ended;
        });
}
