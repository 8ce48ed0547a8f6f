using System.Security.Cryptography;

namespace AuthPlatform.TokenApi.Requests;

/// <summary>Finds the secret that made a signature, in a time that depends on neither the application nor the signature.</summary>
internal static class SecretMatch
{
    /// <summary>How many secrets an application may have at once.</summary>
    private const int Secrets = 2;

    /// <summary>Stands in for a secret that isn't there, so that an unknown application costs what a known one does. Random: nobody can sign with it.</summary>
    private static readonly byte[] DummyKey = RandomNumberGenerator.GetBytes(64);

    /// <summary>Computes one HMAC per possible secret and compares each with every signature; null when none matches.</summary>
    public static ApplicationSecret? Find(Application? application, ReadOnlySpan<byte> signedBytes, IReadOnlyList<byte[]> signatures)
    {
        ApplicationSecret? match = null;
        Span<byte> expected = stackalloc byte[HMACSHA256.HashSizeInBytes];
        for (var i = 0; i < Secrets; i++)
        {
            var secret = i < application?.Secrets.Count ? application.Secrets[i] : null;
            HMACSHA256.HashData(secret?.Key ?? DummyKey, signedBytes, expected);
            foreach (var signature in signatures)
            {
                if (CryptographicOperations.FixedTimeEquals(expected, signature))
                {
                    match ??= secret;
                }
            }
        }

        return match;
    }
}
