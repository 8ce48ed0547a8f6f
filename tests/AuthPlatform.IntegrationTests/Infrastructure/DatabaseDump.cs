using Npgsql;

namespace AuthPlatform.IntegrationTests.Infrastructure;

/// <summary>
/// All rows of a database at one moment, as <c>pg_dump --data-only</c> takes them: one snapshot, COPY for each table. The tool itself is not part of every PostgreSQL
/// that tests run with.
/// </summary>
internal sealed class DatabaseDump
{
    private const string ListTables =
        """
        SELECT c.oid::regclass::text, string_agg(quote_ident(a.attname), ', ' ORDER BY a.attnum)
        FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''
        WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition AND c.relname <> '__EFMigrationsHistory'
        GROUP BY c.oid ORDER BY 1
        """;

    private const string SetSequences =
        """
        SELECT format('SELECT setval(%L, (SELECT coalesce(max(%I), 0) + 1 FROM %s), false)', pg_get_serial_sequence(c.oid::regclass::text, a.attname), a.attname, c.oid::regclass)
        FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attidentity <> ''
        WHERE c.relnamespace = 'public'::regnamespace AND NOT c.relispartition
        """;

    private readonly List<(string Table, string Columns, byte[] Rows)> _tables = [];

    /// <summary>Everything that is in it, for a search.</summary>
    public IEnumerable<byte[]> Contents => _tables.Select(table => table.Rows);

    public static async Task<DatabaseDump> TakeAsync(string connectionString, CancellationToken cancellationToken)
    {
        var dump = new DatabaseDump();
        await using var connection = new NpgsqlConnection(connectionString);
        await connection.OpenAsync(cancellationToken);
        await using var snapshot = await connection.BeginTransactionAsync(System.Data.IsolationLevel.RepeatableRead, cancellationToken);
        foreach (var (table, columns) in await ReadAsync(connection, ListTables, reader => (reader.GetString(0), reader.GetString(1)), cancellationToken))
        {
            using var rows = new MemoryStream();
            await using (var copy = await connection.BeginRawBinaryCopyAsync($"COPY (SELECT {columns} FROM {table}) TO STDOUT (FORMAT BINARY)", cancellationToken))
            {
                await copy.CopyToAsync(rows, cancellationToken);
            }

            dump._tables.Add((table, columns, rows.ToArray()));
        }

        return dump;
    }

    /// <summary>Fills a database that has the tables and nothing else that matters.</summary>
    public async Task RestoreAsync(string connectionString, CancellationToken cancellationToken)
    {
        await using var connection = new NpgsqlConnection(connectionString);
        await connection.OpenAsync(cancellationToken);
        // Without foreign keys looking, in whatever order the tables come.
        await ExecuteAsync(connection, "SET session_replication_role = replica", cancellationToken);
        await ExecuteAsync(connection, $"TRUNCATE {string.Join(", ", _tables.Select(t => t.Table))}", cancellationToken);
        foreach (var (table, columns, rows) in _tables)
        {
            await using var copy = await connection.BeginRawBinaryCopyAsync($"COPY {table} ({columns}) FROM STDIN (FORMAT BINARY)", cancellationToken);
            await copy.WriteAsync(rows, cancellationToken);
        }

        foreach (var statement in await ReadAsync(connection, SetSequences, reader => reader.GetString(0), cancellationToken))
        {
            await ExecuteAsync(connection, statement, cancellationToken);
        }
    }

    private static async Task<List<T>> ReadAsync<T>(NpgsqlConnection connection, string sql, Func<NpgsqlDataReader, T> read, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var rows = new List<T>();
        while (await reader.ReadAsync(cancellationToken))
        {
            rows.Add(read(reader));
        }

        return rows;
    }

    private static async Task ExecuteAsync(NpgsqlConnection connection, string sql, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }
}
