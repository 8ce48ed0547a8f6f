using AuthPlatform.Data;
using AuthPlatform.Data.Auth;
using Npgsql;

namespace AuthPlatform.TokenApi;

/// <summary>What <see cref="Batcher{TItem, TResult}"/>s have in common whose batch is one statement.</summary>
internal static class StatementBatches
{
    /// <summary>One that waits, for the disk or a user's lock, does not hold up the others for long; more would only make each smaller.</summary>
    public const int Concurrency = 2;

    public const int MaxSize = 64;

    /// <summary>
    /// What the server refused for one row's sake, or because somebody held what it wanted: SQLSTATE classes 22, 23 and 40, and a lock that did not come in time. The transaction is
    /// undone then.
    /// </summary>
    public static bool Spoils(Exception exception) =>
        exception is PostgresException refusal && (refusal.SqlState is ['2', '2' or '3', ..] or PostgresErrorCodes.LockNotAvailable || StatementConflicts.Is(refusal));

    /// <summary>
    /// Runs the statement and gives its rows. It waits for a lock for a second only: whoever holds it holds up one item, and the others can go without. The functions do not say so
    /// themselves, because the release before, which calls them too, would not try the others again.
    /// </summary>
    public static async Task<List<TRow>> RunAsync<TRow>(NpgsqlDataSource dataSource, NpgsqlBatchCommand statement, Func<NpgsqlDataReader, TRow> row)
    {
        await using var batch = dataSource.CreateBatch();
        batch.BatchCommands.Add(LockWait.NoLongerThanASecond());
        batch.BatchCommands.Add(statement);
        await using var reader = await batch.ExecuteReaderAsync();
        await reader.NextResultAsync();
        var rows = new List<TRow>();
        while (await reader.ReadAsync())
        {
            rows.Add(row(reader));
        }

        // Reading to the end is what waits for the commit.
        await reader.NextResultAsync();
        return rows;
    }

    /// <summary>One column of all items, as an array.</summary>
    public static NpgsqlParameter Column<TItem, T>(IReadOnlyList<TItem> items, Func<TItem, T> value)
    {
        var values = new T[items.Count];
        for (var i = 0; i < values.Length; i++)
        {
            values[i] = value(items[i]);
        }

        return Sql.Value<T[]>(values);
    }
}
