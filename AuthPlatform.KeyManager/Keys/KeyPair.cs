using System.Security.Cryptography;
using AuthPlatform.Data.Encryption;
using AuthPlatform.Data.Keys;

namespace AuthPlatform.KeyManager.Keys;

/// <summary>Makes key pairs as they are stored.</summary>
internal static class KeyPair
{
    /// <summary>The format of the older service: the day, so that people see a key's age, and what makes it unique.</summary>
    public static string KeyId(DateTimeOffset now, Guid id) => FormattableString.Invariant($"{now.UtcDateTime:yyyyMMdd}-{id}");

    /// <summary>Makes the row of a pair that is announced now, and signs now when it is to be <paramref name="active"/>.</summary>
    public static SigningKey ToRow(string clientId, RSA pair, bool active, EnvelopeCipher cipher, DateTimeOffset now)
    {
        var id = Guid.CreateVersion7(now);
        var privateKey = pair.ExportPkcs8PrivateKey();
        try
        {
            return new SigningKey
            {
                Id = id,
                Kid = KeyId(now, id),
                ClientId = clientId,
                KeySize = pair.KeySize,
                PublicKey = pair.ExportSubjectPublicKeyInfo(),
                PrivateKeyEncrypted = cipher.Encrypt(SigningKey.PrivateKeyField(id), privateKey),
                EncryptionKey = cipher.CurrentKeyId,
                CreatedAt = now,
                AnnouncedAt = now,
                ActivatedAt = active ? now : null,
            };
        }
        finally
        {
            CryptographicOperations.ZeroMemory(privateKey);
        }
    }
}
