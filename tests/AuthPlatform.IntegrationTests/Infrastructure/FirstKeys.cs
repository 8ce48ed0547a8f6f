using System.Security.Cryptography;
using AuthPlatform.Data.Encryption;
using AuthPlatform.Data.Keys;
using Microsoft.EntityFrameworkCore;

namespace AuthPlatform.IntegrationTests.Infrastructure;

/// <summary>
/// The first two keys of an application as the Key Manager makes them, of a few pairs that all such applications share: two for each of two hundred would take a processor a minute.
/// Their names are nobody else's. Whatever must be refused for its signature alone is signed with a pair of the test's own.
/// </summary>
internal static class FirstKeys
{
    private const int Bits = 2048;

    private static readonly Lazy<(byte[] Public, byte[] Private)>[] Pairs = [.. Enumerable.Range(0, 4).Select(_ => new Lazy<(byte[] Public, byte[] Private)>(Generate))];

    private static int _taken;

    /// <summary>Registers an application, unless it is known, with one key that signs and one that is announced.</summary>
    public static async Task AddApplicationAsync(this KeysDbContext database, string clientId, EnvelopeCipher cipher, DateTimeOffset now, CancellationToken cancellationToken)
    {
        await using var transaction = await database.Database.BeginTransactionAsync(cancellationToken);
        await database.RegisterAsync(clientId, now, cancellationToken);
        // Both at once, or others in between could leave it the same pair twice.
        var first = (uint)Interlocked.Increment(ref _taken);
        foreach (var (index, activatedAt) in ((DateTimeOffset?[])[now, null]).Index())
        {
            var (publicKey, privateKey) = Pairs[(first + (uint)index) % Pairs.Length].Value;
            var id = Guid.CreateVersion7(now);
            database.SigningKeys.Add(new SigningKey
            {
                Id = id,
                Kid = $"{now:yyyyMMdd}-{id}",
                ClientId = clientId,
                KeySize = Bits,
                PublicKey = publicKey,
                PrivateKeyEncrypted = cipher.Encrypt(SigningKey.PrivateKeyField(id), privateKey),
                EncryptionKey = cipher.CurrentKeyId,
                CreatedAt = now,
                AnnouncedAt = now,
                ActivatedAt = activatedAt,
            });
            // One by one: the row of the active key is the first, as if the Key Manager had written them.
            await database.SaveChangesAsync(cancellationToken);
        }

        await database.Database.ExecuteSqlAsync($"UPDATE key_ring_versions SET version = version + 1", cancellationToken);
        await transaction.CommitAsync(cancellationToken);
    }

    private static (byte[] Public, byte[] Private) Generate()
    {
        using var pair = RSA.Create(Bits);
        return (pair.ExportSubjectPublicKeyInfo(), pair.ExportPkcs8PrivateKey());
    }
}
