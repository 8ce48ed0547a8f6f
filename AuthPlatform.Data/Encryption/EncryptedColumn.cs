using System.Data;
using System.Data.Common;

namespace AuthPlatform.Data.Encryption;

/// <summary>A column that holds envelopes, and the one beside it that names the key they were made with.</summary>
/// <param name="Table">Name of the table; its key is <c>id</c>, a UUID.</param>
/// <param name="Name">Name of the column.</param>
/// <param name="KeyIdName">Name of the column with the id of the encryption key.</param>
/// <param name="IsReadable">Whether the role that asked may read it.</param>
public sealed record EncryptedColumn(string Table, string Name, string KeyIdName, bool IsReadable = true)
{
    private const string Columns =
        """
        SELECT t.relname::text, c.attname::text, beside.attname::text, has_column_privilege(c.attrelid, c.attnum, 'SELECT')
        FROM pg_attribute c JOIN pg_class t ON t.oid = c.attrelid
        LEFT JOIN LATERAL (
            SELECT attname FROM pg_attribute
            WHERE attrelid = c.attrelid AND NOT attisdropped AND attname IN (regexp_replace(c.attname, '_encrypted$', '_encryption_key'), 'encryption_key')
            ORDER BY attname = 'encryption_key' LIMIT 1) AS beside ON true
        WHERE t.relnamespace = 'public'::regnamespace AND t.relkind = 'r' AND c.attnum > 0 AND NOT c.attisdropped
            AND c.atttypid = 'bytea'::regtype AND c.attname LIKE '%\_encrypted'
        ORDER BY 1, 2
        """;

    /// <summary>
    /// All of a database, found by their names: <c>x_encrypted</c>, with <c>x_encryption_key</c> or <c>encryption_key</c> beside it. A column that somebody adds is
    /// re-encrypted and tested without being listed anywhere.
    /// </summary>
    public static async Task<IReadOnlyList<EncryptedColumn>> FindAsync(DbConnection connection, CancellationToken cancellationToken)
    {
        await using var command = connection.CreateCommand();
        command.CommandTimeout = 5;
        command.CommandText = Columns;
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var found = new List<EncryptedColumn>();
        while (await reader.ReadAsync(cancellationToken))
        {
            var (table, name) = (reader.GetString(0), reader.GetString(1));
            found.Add(reader.IsDBNull(2)
                ? throw new DataException($"{table}.{name} has no column beside it that names its encryption key.")
                : new EncryptedColumn(table, name, reader.GetString(2), reader.GetBoolean(3)));
        }

        return found;
    }

    /// <summary>The place of the value in one row.</summary>
    internal EncryptedField FieldOf(Guid id) => new(Table, id, Name);
}
