using AuthPlatform.Data.Keys;
using Npgsql;

namespace AuthPlatform.KeyManager.Keys;

/// <summary>
/// The rows of <c>keysdb</c> in SQL. There are so few statements that mapping them by hand costs less than Entity Framework does at each start: building its model and
/// compiling its queries took half of the time until this service was ready, and a fifth of its memory.
/// </summary>
internal static class KeySql
{
    /// <summary>What <see cref="ReadKey"/> reads, in its order.</summary>
    public const string KeyColumns =
        "id, kid, client_id, algorithm, key_size, public_key, private_key_encrypted, encryption_key, created_at, announced_at, activated_at, superseded_at, expires_at, revoked_at";

    /// <summary>What <see cref="ReadApplication"/> reads, in its order.</summary>
    public const string ApplicationColumns =
        """
        client_id, key_size, rotate_every_seconds, announce_seconds, retain_seconds, rotated_at, rotation_request, rotation_answer, rotation_due_at, rotation_retain_seconds,
        created_at
        """;

    /// <summary>Runs a statement with the parameters <c>$1</c>, <c>$2</c>, ….</summary>
    public static async Task ExecuteAsync(this NpgsqlConnection connection, string statement, NpgsqlParameter[] parameters, CancellationToken cancellationToken)
    {
        await using var command = Command(connection, statement, parameters);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <summary>The rows of a query with the parameters <c>$1</c>, <c>$2</c>, ….</summary>
    public static async Task<List<T>> QueryAsync<T>(
        this NpgsqlConnection connection, string query, NpgsqlParameter[] parameters, Func<NpgsqlDataReader, T> read, CancellationToken cancellationToken)
    {
        await using var command = Command(connection, query, parameters);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var rows = new List<T>();
        while (await reader.ReadAsync(cancellationToken))
        {
            rows.Add(read(reader));
        }

        return rows;
    }

    public static SigningKey ReadKey(NpgsqlDataReader reader) => new()
    {
        Id = reader.GetGuid(0),
        Kid = reader.GetString(1),
        ClientId = reader.GetString(2),
        Algorithm = reader.GetString(3),
        KeySize = reader.GetInt32(4),
        PublicKey = reader.GetFieldValue<byte[]>(5),
        PrivateKeyEncrypted = OrNull<byte[]>(reader, 6),
        EncryptionKey = OrNull<string>(reader, 7),
        CreatedAt = reader.GetFieldValue<DateTimeOffset>(8),
        AnnouncedAt = reader.GetFieldValue<DateTimeOffset>(9),
        ActivatedAt = reader.GetFieldValue<DateTimeOffset?>(10),
        SupersededAt = reader.GetFieldValue<DateTimeOffset?>(11),
        ExpiresAt = reader.GetFieldValue<DateTimeOffset?>(12),
        RevokedAt = reader.GetFieldValue<DateTimeOffset?>(13),
    };

    public static KeyApplication ReadApplication(NpgsqlDataReader reader) => new()
    {
        ClientId = reader.GetString(0),
        KeySize = reader.GetFieldValue<int?>(1),
        RotateEverySeconds = reader.GetFieldValue<int?>(2),
        AnnounceSeconds = reader.GetFieldValue<int?>(3),
        RetainSeconds = reader.GetFieldValue<int?>(4),
        RotatedAt = reader.GetFieldValue<DateTimeOffset?>(5),
        RotationRequest = OrNull<string>(reader, 6),
        RotationAnswer = OrNull<string>(reader, 7),
        RotationDueAt = reader.GetFieldValue<DateTimeOffset?>(8),
        RotationRetainSeconds = reader.GetFieldValue<int?>(9),
        CreatedAt = reader.GetFieldValue<DateTimeOffset>(10),
    };

    private static T? OrNull<T>(NpgsqlDataReader reader, int column)
        where T : class => reader.IsDBNull(column) ? null : reader.GetFieldValue<T>(column);

    private static NpgsqlCommand Command(NpgsqlConnection connection, string statement, NpgsqlParameter[] parameters)
    {
        var command = new NpgsqlCommand(statement, connection) { CommandTimeout = (int)KeyStore.ReadLimit.TotalSeconds };
        command.Parameters.AddRange(parameters);
        return command;
    }
}
