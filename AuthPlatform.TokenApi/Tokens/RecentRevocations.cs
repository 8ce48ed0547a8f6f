using System.Collections.Concurrent;
using AuthPlatform.Data;
using AuthPlatform.Data.Auth;
using Npgsql;

namespace AuthPlatform.TokenApi.Tokens;

/// <summary>
/// Tells the other replicas what has just been revoked of an application, by whomever: another call has perhaps not come to that yet, or was broken off before. Who finds a session
/// gone may answer then that its tokens are refused. What this process has told before is not told again.
/// </summary>
internal sealed class RecentRevocations(NpgsqlDataSource dataSource, RevocationAnnouncer revocations, TimeProvider clock)
{
    /// <summary>Read before the rows: they show whatever it sees, so that the next time only the rest is needed.</summary>
    private const string Snapshot = "SELECT pg_current_snapshot()::text, database_timeline()";

    /// <summary>
    /// What a snapshot did not see, by the index of the feed. One of another history of the server sees nothing: that gives the numbers of the transactions that it has lost once more.
    /// The older ones come first: of two about one session, the last is kept for the longest. What was ended at once stays so, also where the clock of whoever ended it is ahead.
    /// </summary>
    private const string Unseen =
        """
        WITH told AS MATERIALIZED (SELECT (CASE WHEN database_timeline() = $4 THEN $3 ELSE '1:1:' END)::pg_snapshot AS seen)
        SELECT revoked_id, CASE WHEN effective_at <= revoked_at THEN 'epoch' ELSE effective_at END, until FROM revocations
        WHERE application_id = $1 AND generation IS NULL AND revoked_at > $2
            AND transaction_id >= pg_snapshot_xmin((SELECT seen FROM told)) AND NOT pg_visible_in_snapshot(transaction_id, (SELECT seen FROM told))
        ORDER BY transaction_id, sequence
        """;

    /// <summary>For no longer can a revocation be known to some replicas only, and clocks differ by less than what is added to that.</summary>
    private static readonly TimeSpan JustNow = RevocationAnnouncer.LeaseDuration + TimeSpan.FromMinutes(1);

    /// <summary>For each application that has signed a user out: what the others know for certain. It is small, and there are no more of them than applications.</summary>
    private readonly ConcurrentDictionary<Guid, Told> _told = new();

    /// <summary>When it returns, every replica refuses what had been revoked when it was called.</summary>
    public async Task AnnounceAsync(Guid applicationId, CancellationToken cancellationToken)
    {
        var (recent, now) = await ReadAsync(applicationId, _told.GetValueOrDefault(applicationId, Told.Nothing), cancellationToken);
        await revocations.AnnounceAsync(recent, cancellationToken);
        _told[applicationId] = now;
    }

    private async Task<(List<RevokedTokens> Recent, Told Now)> ReadAsync(Guid applicationId, Told told, CancellationToken cancellationToken)
    {
        await using var batch = dataSource.CreateBatch();
        batch.BatchCommands.Add(new NpgsqlBatchCommand(Snapshot));
        batch.BatchCommands.Add(new NpgsqlBatchCommand(Unseen)
        {
            Parameters = { Sql.Value(applicationId), Sql.Value((clock.GetUtcNow() - JustNow).UtcDateTime), Sql.Value(told.Snapshot), Sql.Value(told.Timeline) },
        });
        await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
        await reader.ReadAsync(cancellationToken);
        var now = new Told(reader.GetString(0), reader.GetInt32(1));
        await reader.NextResultAsync(cancellationToken);
        var recent = await reader.ReadAllAsync(
            row => new RevokedTokens(row.GetGuid(0), null, row.GetFieldValue<DateTimeOffset>(1), row.GetFieldValue<DateTimeOffset>(2)), cancellationToken);
        return (recent, now);
    }

    /// <param name="Snapshot">Whatever it sees has been told.</param>
    /// <param name="Timeline">The history of the server that it is of.</param>
    private sealed record Told(string Snapshot, int Timeline)
    {
        /// <summary>Of no server.</summary>
        public static Told Nothing { get; } = new("1:1:", 0);
    }
}
