using System.Security.Cryptography;
using System.Text;
using AuthPlatform.Data.Encryption;

namespace AuthPlatform.Data.Auth;

/// <summary>Makes the rows of an application, with what has to be encrypted in them encrypted.</summary>
public static class ApplicationRegistration
{
    private const int RefreshKeyLength = 32;

    /// <summary>An application with the default policy, without a secret, not in any database yet.</summary>
    public static Application NewApplication(string clientId, string name, EnvelopeCipher cipher, DateTimeOffset now)
    {
        var id = Guid.CreateVersion7(now);
        return new Application
        {
            Id = id,
            ClientId = clientId,
            Name = name,
            RefreshKeyEncrypted = NewRefreshKey(id, cipher),
            RefreshKeyEncryptionKey = cipher.CurrentKeyId,
            CreatedAt = now,
            UpdatedAt = now,
        };
    }

    /// <summary>Gives an application another key for its refresh tokens: none that it has issued is good any more.</summary>
    public static void RenewRefreshKey(Application application, EnvelopeCipher cipher)
    {
        application.RefreshKeyEncrypted = NewRefreshKey(application.Id, cipher);
        application.RefreshKeyEncryptionKey = cipher.CurrentKeyId;
    }

    /// <summary>A secret of an application in one of its two slots.</summary>
    public static ApplicationSecret NewSecret(Guid applicationId, short slot, string secret, EnvelopeCipher cipher, DateTimeOffset now)
    {
        var id = Guid.CreateVersion7(now);
        return new ApplicationSecret
        {
            Id = id,
            ApplicationId = applicationId,
            Slot = slot,
            SecretEncrypted = cipher.Encrypt(ApplicationSecret.SecretField(id), Encoding.UTF8.GetBytes(secret)),
            EncryptionKey = cipher.CurrentKeyId,
            CreatedAt = now,
        };
    }

    /// <summary>The slot for one more secret: an empty one, else one whose secret has expired and goes for it; null when both are live.</summary>
    public static short? FreeSlot(ICollection<ApplicationSecret> secrets, DateTimeOffset now)
    {
        for (short slot = 1; slot <= 2; slot++)
        {
            if (secrets.All(s => s.Slot != slot))
            {
                return slot;
            }
        }

        return secrets.FirstOrDefault(s => !s.IsLive(now))?.Slot;
    }

    private static byte[] NewRefreshKey(Guid id, EnvelopeCipher cipher)
    {
        var refreshKey = RandomNumberGenerator.GetBytes(RefreshKeyLength);
        try
        {
            return cipher.Encrypt(Application.RefreshKeyField(id), refreshKey);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(refreshKey);
        }
    }
}
