using AuthPlatform.Data;
using Npgsql;
using NpgsqlTypes;

namespace AuthPlatform.TokenApi.RevocationFeed;

/// <summary>
/// Reads the revocations of an application so that none is ever missed. A row may be committed after rows with higher numbers; so only those are given of which
/// no older one can still appear: the ones older than the oldest running transaction.
/// </summary>
internal sealed class FeedStore(NpgsqlDataSource dataSource, TimeProvider clock)
{
    /// <summary>The function is in the migration SessionLookups.</summary>
    private const string Oldest = "SELECT pg_snapshot_xmin(pg_current_snapshot()), database_timeline()";

    private const string Page =
        """
        SELECT transaction_id, sequence, revoked_id, is_token, reason, revoked_at, effective_at, until FROM revocations
        WHERE application_id = $1 AND generation IS NULL AND until > $2
            AND transaction_id < pg_snapshot_xmin(pg_current_snapshot()) AND (transaction_id, sequence) > ($3, $4)
        ORDER BY transaction_id, sequence LIMIT $5
        """;

    private const string Changed =
        """
        SELECT pg_snapshot_xmin(now), ARRAY(
            SELECT DISTINCT application_id FROM revocations
            WHERE transaction_id >= $1 AND transaction_id < pg_snapshot_xmin(now) AND generation IS NULL)
        FROM pg_current_snapshot() AS now
        """;

    /// <summary>Gives what comes after the cursor and still matters; null when the cursor is none that this database can have given.</summary>
    public async Task<FeedPage?> ReadAsync(Guid applicationId, FeedCursor after, int limit, CancellationToken cancellationToken)
    {
        await using var batch = dataSource.CreateBatch();
        batch.BatchCommands.Add(new NpgsqlBatchCommand(Oldest));
        batch.BatchCommands.Add(new NpgsqlBatchCommand(Page)
        {
            Parameters =
            {
                Sql.Value(applicationId),
                Sql.Value(clock.GetUtcNow().UtcDateTime),
                Transaction(after.TransactionId),
                Sql.Value<long>(after.Sequence),
                Sql.Value(limit + 1),
            },
        });
        await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
        await reader.ReadAsync(cancellationToken);
        var timeline = reader.GetInt32(1);
        if (after.TransactionId >= reader.GetFieldValue<ulong>(0) || (after.TransactionId > 0 && after.Timeline != timeline))
        {
            return null;
        }

        await reader.NextResultAsync(cancellationToken);
        var entries = new List<FeedEntry>();
        while (await reader.ReadAsync(cancellationToken))
        {
            entries.Add(new FeedEntry(
                new FeedCursor(timeline, reader.GetFieldValue<ulong>(0), reader.GetInt64(1)),
                reader.GetGuid(2),
                reader.GetBoolean(3),
                reader.GetString(4),
                reader.GetFieldValue<DateTimeOffset>(5),
                reader.GetFieldValue<DateTimeOffset>(6),
                reader.GetFieldValue<DateTimeOffset>(7)));
        }

        var hasMore = entries.Count > limit;
        if (hasMore)
        {
            entries.RemoveAt(limit);
        }

        return new FeedPage(entries, entries.Count > 0 ? entries[^1].Cursor : after with { Timeline = timeline }, hasMore);
    }

    /// <summary>The applications with revocations in transactions from <paramref name="from"/> on, and the transaction to begin with the next time.</summary>
    public async Task<(ulong Next, IReadOnlySet<Guid> Applications)> ChangedSinceAsync(ulong from, CancellationToken cancellationToken)
    {
        await using var command = dataSource.CreateCommand(Changed, Transaction(from));
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        await reader.ReadAsync(cancellationToken);
        return (reader.GetFieldValue<ulong>(0), reader.GetFieldValue<Guid[]>(1).ToHashSet());
    }

    private static NpgsqlParameter<ulong> Transaction(ulong id) => new() { TypedValue = id, NpgsqlDbType = NpgsqlDbType.Xid8 };
}
