using System.Security.Cryptography;
using AuthPlatform.Data.Encryption;
using AuthPlatform.Data.Keys;
using AuthPlatform.KeyManager.Keys;

namespace AuthPlatform.UnitTests.KeyManager;

/// <summary>Keys at any station of their life.</summary>
internal static class SigningKeys
{
    public static readonly DateTimeOffset Now = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    public static readonly EnvelopeCipher Cipher = new(["the key-encryption key of the key tests"]);

    /// <summary>90 days of signing, 14 of announcing, 14 of retaining.</summary>
    public static readonly KeySettings Settings = new KeyOptions().Defaults;

    // Making a pair takes long; the tests only need different ones.
    private static readonly SigningKey Pair = Generate(active: false);

    public static SigningKey Generate(bool active)
    {
        using var pair = RSA.Create(2048);
        return KeyPair.ToRow("app", pair, active, Cipher, Now);
    }

    /// <summary>A key by the days from <see cref="Now"/> at which things happened to it; null for what did not.</summary>
    public static SigningKey Key(string kid = "kid", double created = -30, double? activated = null, double? superseded = null, double? expires = null, double? revoked = null) => new()
    {
        Id = Guid.CreateVersion7(Now),
        Kid = kid,
        ClientId = "app",
        KeySize = Pair.KeySize,
        PublicKey = Pair.PublicKey,
        CreatedAt = Now.AddDays(created),
        AnnouncedAt = Now.AddDays(created),
        ActivatedAt = At(activated),
        SupersededAt = At(superseded),
        ExpiresAt = At(expires),
        RevokedAt = At(revoked),
    };

    private static DateTimeOffset? At(double? days) => days is { } d ? Now.AddDays(d) : null;
}
