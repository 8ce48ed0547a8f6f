using System.Data.Common;
using System.Security.Cryptography;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace AuthPlatform.Data.Encryption;

/// <summary>Finds out whether the configured encryption keys open what is stored, before anything depends on it.</summary>
public static partial class EncryptionSelfTest
{
    /// <summary>
    /// Refuses to start, by an <see cref="OptionsValidationException"/>, on keys that do not open what <typeparamref name="TContext"/> holds. A database that does not
    /// answer yet is no reason: nothing is known about the keys then.
    /// </summary>
    public static async Task TestEncryptionAsync<TContext>(this IServiceProvider services)
        where TContext : DbContext
    {
        await using var scope = services.CreateAsyncScope();
        try
        {
            var cipher = scope.ServiceProvider.GetRequiredService<EnvelopeCipher>();
            if (await RunAsync(scope.ServiceProvider.GetRequiredService<TContext>(), cipher, CancellationToken.None) is { } refusal)
            {
                throw new OptionsValidationException(EncryptionOptions.Section, typeof(EncryptionOptions), [refusal]);
            }
        }
        catch (Exception exception) when (exception is DbException or TimeoutException or InvalidOperationException { InnerException: DbException })
        {
            Log.NotTested(scope.ServiceProvider.GetRequiredService<ILogger<EnvelopeCipher>>(), exception.GetBaseException().Message);
        }
    }

    /// <summary>Decrypts one record of every column that this role may read and every key in use; a sentence for the operator when one does not open, else null.</summary>
    public static async Task<string?> RunAsync(DbContext database, EnvelopeCipher cipher, CancellationToken cancellationToken)
    {
        await database.Database.OpenConnectionAsync(cancellationToken);
        try
        {
            foreach (var column in EncryptedColumn.Of(database))
            {
                await using var command = database.Database.GetDbConnection().CreateCommand();
                command.CommandTimeout = 5;
                command.CommandText = $"SELECT has_column_privilege('{column.Table}', '{column.Name}', 'SELECT')";
                if (await command.ExecuteScalarAsync(cancellationToken) is not true)
                {
                    continue;
                }

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
        finally
        {
            await database.Database.CloseConnectionAsync();
        }
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
