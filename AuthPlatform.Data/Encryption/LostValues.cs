using System.Security.Cryptography;
using Microsoft.EntityFrameworkCore;

namespace AuthPlatform.Data.Encryption;

/// <summary>What is stored under encryption keys that nobody has any more.</summary>
public static class LostValues
{
    /// <summary>
    /// The rows of each column that none of the configured keys opens. Damaged ones are not among them: their key is there, and a backup may have them whole.
    /// </summary>
    public static async Task<IReadOnlyDictionary<EncryptedColumn, IReadOnlyList<Guid>>> FindAsync(DbContext database, EnvelopeCipher cipher, CancellationToken cancellationToken)
    {
        await database.Database.OpenConnectionAsync(cancellationToken);
        try
        {
            var lost = new Dictionary<EncryptedColumn, IReadOnlyList<Guid>>();
            var connection = database.Database.GetDbConnection();
            foreach (var column in await EncryptedColumn.FindAsync(connection, cancellationToken))
            {
                await using var command = connection.CreateCommand();
                // The names come from the catalog.
                command.CommandText = $"SELECT id, {column.Name} FROM {column.Table} WHERE {column.Name} IS NOT NULL";
                await using var reader = await command.ExecuteReaderAsync(cancellationToken);
                var rows = new List<Guid>();
                while (await reader.ReadAsync(cancellationToken))
                {
                    if (IsLost(cipher, column.FieldOf(reader.GetGuid(0)), (byte[])reader[1]))
                    {
                        rows.Add(reader.GetGuid(0));
                    }
                }

                lost[column] = rows;
            }

            return lost;
        }
        finally
        {
            await database.Database.CloseConnectionAsync();
        }
    }

    private static bool IsLost(EnvelopeCipher cipher, EncryptedField field, byte[] record)
    {
        try
        {
            CryptographicOperations.ZeroMemory(cipher.Decrypt(field, record));
            return false;
        }
        catch (EncryptionKeyMissingException)
        {
            return true;
        }
        catch (CryptographicException)
        {
            return false;
        }
    }
}
