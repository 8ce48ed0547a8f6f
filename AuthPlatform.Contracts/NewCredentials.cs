using System.Buffers.Text;
using System.Security.Cryptography;

namespace AuthPlatform.Contracts;

/// <summary>Makes the names and secrets of applications, and knows which ones may be brought along.</summary>
public static class NewCredentials
{
    /// <summary>Fewest characters of a secret that is brought along.</summary>
    public const int MinimumSecretLength = 32;

    /// <summary>Most characters of a secret that is brought along.</summary>
    public const int MaximumSecretLength = 128;

    /// <summary>RFC 4648 §6 in lower case: no letter is taken for a digit.</summary>
    private const string Base32 = "abcdefghijklmnopqrstuvwxyz234567";

    private const string SecretPrefix = "cs_";

    /// <summary>A new <c>client_id</c>: 20 characters of base32, 100 random bits.</summary>
    public static string ClientId() => RandomNumberGenerator.GetString(Base32, 20);

    /// <summary>A new secret: <c>cs_</c> and 43 characters of base64url, 256 random bits. Whoever gets it shows it once and forgets it.</summary>
    public static string Secret() => SecretPrefix + Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(32));

    /// <summary>Whether a secret from elsewhere may be used: 32–128 printable ASCII characters without spaces.</summary>
    public static bool IsUsableSecret(string secret) =>
        secret.Length is >= MinimumSecretLength and <= MaximumSecretLength && secret.All(c => c is > ' ' and <= '~');
}
