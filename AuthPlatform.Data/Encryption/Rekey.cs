using System.Security.Cryptography;
using Microsoft.EntityFrameworkCore;
using Npgsql;
using NpgsqlTypes;

namespace AuthPlatform.Data.Encryption;

/// <summary>What a rekey did to one column, and what is left.</summary>
/// <param name="Column">The column.</param>
/// <param name="Moved">Rows that this run re-encrypted.</param>
/// <param name="Left">Rows that are still encrypted with another key than the newest, counted after the run.</param>
/// <param name="Failures">Why rows could not be moved: the first ten sentences. They name rows and keys, never values.</param>
public sealed record RekeyResult(EncryptedColumn Column, long Moved, long Left, IReadOnlyList<string> Failures);

/// <summary>
/// Re-encrypts everything in a database with the newest encryption key, while the services run. Each batch is a transaction of its own, so it can be ended at any
/// moment and started again: rows say themselves which key they were encrypted with.
/// </summary>
public sealed class Rekey(EnvelopeCipher cipher)
{
    private const int BatchSize = 100;
    private const int MaxFailures = 10;

    /// <summary>Moves every row and counts what is left; nothing is left when <see cref="RekeyResult.Left"/> is 0 everywhere.</summary>
    public Task<IReadOnlyList<RekeyResult>> RunAsync(DbContext database, CancellationToken cancellationToken) => ForEachAsync(database, MoveAsync, cancellationToken);

    /// <summary>Only counts.</summary>
    public Task<IReadOnlyList<RekeyResult>> CountAsync(DbContext database, CancellationToken cancellationToken) =>
        ForEachAsync(database, (_, _, _, _) => Task.FromResult(0L), cancellationToken);

    private async Task<IReadOnlyList<RekeyResult>> ForEachAsync(
        DbContext database, Func<NpgsqlConnection, EncryptedColumn, List<string>, CancellationToken, Task<long>> move, CancellationToken cancellationToken)
    {
        await database.Database.OpenConnectionAsync(cancellationToken);
        try
        {
            var connection = (NpgsqlConnection)database.Database.GetDbConnection();
            var results = new List<RekeyResult>();
            foreach (var column in await EncryptedColumn.FindAsync(connection, cancellationToken))
            {
                var failures = new List<string>();
                var moved = await move(connection, column, failures, cancellationToken);
                results.Add(new RekeyResult(column, moved, await CountLeftAsync(connection, column, cancellationToken), failures));
            }

            return results;
        }
        finally
        {
            await database.Database.CloseConnectionAsync();
        }
    }

    private async Task<long> MoveAsync(NpgsqlConnection connection, EncryptedColumn column, List<string> failures, CancellationToken cancellationToken)
    {
        var moved = 0L;
        var last = Guid.Empty;
        while (true)
        {
            // The rows are locked until they are written: nobody's new value is overwritten with the old one. Whoever only refers to one, as a session that begins does to its
            // application, is not kept waiting: no key of a table changes here.
            await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
            var rows = await ReadBatchAsync(connection, column, last, cancellationToken);
            if (rows.Count == 0)
            {
                return moved;
            }

            last = rows[^1].Id;
            moved += await WriteBatchAsync(connection, column, Reencrypt(column, rows, failures), cancellationToken);
            await transaction.CommitAsync(cancellationToken);
        }
    }

    private async Task<List<(Guid Id, byte[] Record)>> ReadBatchAsync(NpgsqlConnection connection, EncryptedColumn column, Guid after, CancellationToken cancellationToken)
    {
        await using var command = Command(
            connection, $"SELECT id, {column.Name} FROM {column.Table} WHERE {IsLeft(column)} AND id > @after ORDER BY id LIMIT {BatchSize} FOR NO KEY UPDATE");
        command.Parameters.AddWithValue("after", after);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        return await reader.ReadAllAsync(row => (row.GetGuid(0), (byte[])row[1]), cancellationToken);
    }

    private List<(Guid Id, byte[] Record)> Reencrypt(EncryptedColumn column, List<(Guid Id, byte[] Record)> rows, List<string> failures)
    {
        var renewed = new List<(Guid, byte[])>(rows.Count);
        foreach (var (id, record) in rows)
        {
            try
            {
                var value = cipher.Decrypt(column.FieldOf(id), record);
                renewed.Add((id, cipher.Encrypt(column.FieldOf(id), value)));
                CryptographicOperations.ZeroMemory(value);
            }
            catch (CryptographicException exception)
            {
                if (failures.Count < MaxFailures)
                {
                    failures.Add(exception is EncryptionKeyMissingException ? exception.Message : $"{column.Table}.{column.Name} of row {id} cannot be decrypted: {exception.Message}");
                }
            }
        }

        return renewed;
    }

    private async Task<int> WriteBatchAsync(NpgsqlConnection connection, EncryptedColumn column, List<(Guid Id, byte[] Record)> rows, CancellationToken cancellationToken)
    {
        await using var command = Command(
            connection,
            $"UPDATE {column.Table} SET {column.Name} = r.record, {column.KeyIdName} = @name FROM unnest(@ids, @records) AS r(id, record) WHERE {column.Table}.id = r.id");
        command.Parameters.Add(new NpgsqlParameter("ids", NpgsqlDbType.Array | NpgsqlDbType.Uuid) { Value = rows.Select(r => r.Id).ToArray() });
        command.Parameters.Add(new NpgsqlParameter("records", NpgsqlDbType.Array | NpgsqlDbType.Bytea) { Value = rows.Select(r => r.Record).ToArray() });
        return await command.ExecuteNonQueryAsync(cancellationToken);
    }

    private async Task<long> CountLeftAsync(NpgsqlConnection connection, EncryptedColumn column, CancellationToken cancellationToken)
    {
        await using var command = Command(connection, $"SELECT count(*) FROM {column.Table} WHERE {IsLeft(column)}");
        return (long)(await command.ExecuteScalarAsync(cancellationToken))!;
    }

    /// <summary>The envelope itself is asked, not only the column beside it: that one is what somebody wrote there.</summary>
    private static string IsLeft(EncryptedColumn column) =>
        $"{column.Name} IS NOT NULL AND (substring({column.Name} FROM {EnvelopeCipher.KeyIdOffset + 1} FOR {KeyEncryptionKey.IdLength}) <> @id OR {column.KeyIdName} IS DISTINCT FROM @name)";

    /// <summary>The names come from the catalog, the values are parameters.</summary>
    private NpgsqlCommand Command(NpgsqlConnection connection, string sql)
    {
        var command = new NpgsqlCommand(sql, connection);
        command.Parameters.AddWithValue("id", cipher.CurrentKeyIdBytes);
        command.Parameters.AddWithValue("name", cipher.CurrentKeyId);
        return command;
    }
}
