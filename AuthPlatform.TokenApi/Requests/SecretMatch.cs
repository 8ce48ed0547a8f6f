using System.Security.Cryptography;

namespace AuthPlatform.TokenApi.Requests;

/// <summary>Finds the secret that a caller has, in a time that depends on neither the application nor what the caller sent.</summary>
internal static class SecretMatch
{
    /// <summary>How many secrets an application may have at once.</summary>
    private const int Secrets = 2;

    /// <summary>Stands in for a secret that isn't there, so that an unknown application costs what a known one does. Random: nobody can sign with it.</summary>
    private static readonly byte[] DummyKey = RandomNumberGenerator.GetBytes(64);

    /// <summary>Computes one HMAC per possible secret and compares each with every signature. Gives the secrets that match, the second only when both do: a client that is changing its secret may sign with both.</summary>
    /// <exception cref="BadHttpRequestException">503: nobody can tell.</exception>
    public static (ApplicationSecret? First, ApplicationSecret? Second) Find(Application? application, DateTimeOffset now, ReadOnlySpan<byte> signedBytes, IReadOnlyList<byte[]> signatures)
    {
        EnsureSecretsOpen(application);
        (ApplicationSecret? First, ApplicationSecret? Second) match = (null, null);
        Span<byte> expected = stackalloc byte[HMACSHA256.HashSizeInBytes];
        for (var i = 0; i < Secrets; i++)
        {
            var secret = i < application?.Secrets.Count && application.Secrets[i].IsLive(now) ? application.Secrets[i] : null;
            HMACSHA256.HashData(secret?.Key ?? DummyKey, signedBytes, expected);
            foreach (var signature in signatures)
            {
                if (CryptographicOperations.FixedTimeEquals(expected, signature))
                {
                    match = match.First is null || match.First == secret ? (secret, null) : (match.First, secret);
                }
            }
        }

        return match;
    }

    /// <summary>Compares a secret that was sent with each possible one; null when none matches. What is compared are hashes, so that not even lengths show.</summary>
    /// <exception cref="BadHttpRequestException">503: nobody can tell.</exception>
    public static ApplicationSecret? FindPresented(Application? application, DateTimeOffset now, ReadOnlySpan<byte> presented)
    {
        EnsureSecretsOpen(application);
        ApplicationSecret? match = null;
        Span<byte> actual = stackalloc byte[HMACSHA256.HashSizeInBytes];
        Span<byte> expected = stackalloc byte[HMACSHA256.HashSizeInBytes];
        HMACSHA256.HashData(DummyKey, presented, actual);
        for (var i = 0; i < Secrets; i++)
        {
            var secret = i < application?.Secrets.Count && application.Secrets[i].IsLive(now) ? application.Secrets[i] : null;
            HMACSHA256.HashData(DummyKey, secret?.Key ?? DummyKey, expected);
            if (CryptographicOperations.FixedTimeEquals(expected, actual))
            {
                match ??= secret;
            }
        }

        return match;
    }

    /// <summary>Clients must not be told that their secret is wrong because this service cannot read it.</summary>
    private static void EnsureSecretsOpen(Application? application)
    {
        if (application is { Enabled: true, NoSecretOpens: true })
        {
            throw new BadHttpRequestException($"No secret of {application.ClientId} opens", StatusCodes.Status503ServiceUnavailable);
        }
    }
}
