using System.Data.Common;
using System.Security.Cryptography;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Npgsql;

namespace AuthPlatform.Data.Encryption;

/// <summary>Finds out whether the configured encryption keys open what is stored, before anything depends on it.</summary>
public static partial class EncryptionSelfTest
{
    /// <summary>
    /// Refuses to start, by an <see cref="OptionsValidationException"/>, on keys that do not open what the database holds of this service.
    /// One that does not answer yet is no reason: nothing is known about the keys then.
    /// </summary>
    public static async Task TestEncryptionAsync(this IServiceProvider services)
    {
        try
        {
            var cipher = services.GetRequiredService<EnvelopeCipher>();
            await using var connection = await services.GetRequiredService<NpgsqlDataSource>().OpenConnectionAsync();
            if (await RunAsync(connection, cipher, CancellationToken.None) is { } refusal)
            {
                throw new OptionsValidationException(EncryptionOptions.Section, typeof(EncryptionOptions), [refusal]);
            }
        }
        catch (Exception exception) when (exception is DbException or TimeoutException)
        {
            Log.NotTested(services.GetRequiredService<ILogger<EnvelopeCipher>>(), exception.GetBaseException().Message);
        }
    }

    /// <summary>Decrypts one record of every column that this role may read and every key in use; a sentence for the operator when one does not open, else null.</summary>
    /// <param name="connection">It is open.</param>
    /// <param name="cipher">The configured keys.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public static async Task<string?> RunAsync(DbConnection connection, EnvelopeCipher cipher, CancellationToken cancellationToken)
    {
        foreach (var column in (await EncryptedColumn.FindAsync(connection, cancellationToken)).Where(column => column.IsReadable))
        {
            await using var command = connection.CreateCommand();
            command.CommandTimeout = 5;
            var keyId = $"substring({column.Name} FROM {EnvelopeCipher.KeyIdOffset + 1} FOR {KeyEncryptionKey.IdLength})";
            command.CommandText = $"SELECT DISTINCT ON ({keyId}) id, {column.Name} FROM {column.Table} WHERE {column.Name} IS NOT NULL";
            await using var reader = await command.ExecuteReaderAsync(cancellationToken);
            while (await reader.ReadAsync(cancellationToken))
            {
                if (Refusal(cipher, column.FieldOf(reader.GetGuid(0)), (byte[])reader[1]) is { } refusal)
                {
                    return refusal;
                }
            }
        }

        return null;
    }

    private static string? Refusal(EnvelopeCipher cipher, EncryptedField field, byte[] record)
    {
        try
        {
            CryptographicOperations.ZeroMemory(cipher.Decrypt(field, record));
            return null;
        }
        catch (EncryptionKeyMissingException exception)
        {
            return $"The configured encryption keys do not open what is stored: {exception.Message}";
        }
        catch (CryptographicException)
        {
            return $"What is stored was changed or damaged: {field.Table}.{field.Column} of row {field.Id} does not open although its encryption key is configured. Restore the row from a backup.";
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "Whether the encryption keys open what is stored could not be tested: {Reason}")]
        public static partial void NotTested(ILogger logger, string reason);
    }
}
