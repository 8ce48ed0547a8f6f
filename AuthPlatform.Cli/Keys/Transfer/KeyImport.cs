using System.Formats.Asn1;
using System.Security.Cryptography;
using AuthPlatform.Data.Encryption;
using AuthPlatform.Data.Keys;
using AuthPlatform.KeyManager.Keys;

namespace AuthPlatform.Cli.Keys.Transfer;

/// <summary>
/// Adds keys to an application within one change. An application without keys gets them as they are; beside keys that it has, the imported ones only verify, unless
/// one is to take over.
/// </summary>
/// <param name="change">The change, still to be committed.</param>
/// <param name="cipher">Encrypts the private parts.</param>
/// <param name="takeOver">The imported active key signs from now on.</param>
/// <param name="retainSeconds">How long those that only verify stay published; null for the application's retention.</param>
internal sealed class KeyImport(KeyChange change, EnvelopeCipher cipher, bool takeOver, int? retainSeconds)
{
    private const int LongestName = 64;

    /// <summary>Why a key cannot be called so; null when it can.</summary>
    public static string? ProblemOfName(string kid) => kid.Length is > 0 and <= LongestName && kid.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.')
        ? null
        : $"'{kid}' is no name of a key: 1 to {LongestName} letters, digits, '-', '_' or '.'.";

    /// <summary>Why none of them is imported; null when all can be.</summary>
    public string? Problem(IReadOnlyList<BundledKey> keys)
    {
        if (retainSeconds < 1)
        {
            return "A key that is retained for no time verifies nothing.";
        }

        if (takeOver && !keys.Any(Signs))
        {
            return "There is no key with a private part that could sign.";
        }

        if (keys.Count(Signs) > 1 || keys.Count(k => k.ActivatedAt is null) > 1)
        {
            return "The bundle has more than one active or next key.";
        }

        return keys.Select(ProblemOf).FirstOrDefault(problem => problem is not null);
    }

    public async Task<List<SigningKey>> ApplyAsync(IReadOnlyList<BundledKey> keys, CancellationToken cancellationToken)
    {
        var isFirst = change.Keys.Count == 0;
        if (takeOver && change.Find(KeyState.Active) is { } active)
        {
            await change.ApplyAsync(new KeyPlan(active, change.Now + change.Settings.Retain, null, CreateActive: false, CreateNext: false), cancellationToken);
        }

        var rows = new List<SigningKey>();
        foreach (var key in keys)
        {
            var stays = isFirst || (takeOver && Signs(key));
            var row = Row(key, signs: stays && Signs(key), announced: stays && key is { ActivatedAt: null, PrivateKey: not null });
            await change.AddAsync(row, cancellationToken);
            rows.Add(row);
        }

        // The announced key, and an active one for keys that only verify.
        await change.ApplyAsync(change.Plan(), cancellationToken);
        return rows;
    }

    private static bool Signs(BundledKey key) => key is { PrivateKey: not null, ActivatedAt: not null, SupersededAt: null };

    private static string? ProblemOf(BundledKey key)
    {
        if (ProblemOfName(key.Kid) is { } misnamed)
        {
            return misnamed;
        }

        try
        {
            var publicPart = RsaKeyReader.ReadPublicKey(key.PublicKey);
            var numbers = key.PrivateKey is null ? publicPart : RsaKeyReader.ReadPrivateKey(key.PrivateKey);
            return RsaNumbers.FromBytes(numbers.Modulus) != RsaNumbers.FromBytes(publicPart.Modulus) || RsaNumbers.FromBytes(numbers.Exponent) != RsaNumbers.FromBytes(publicPart.Exponent)
                ? $"{key.Kid}: the private part does not belong to the public one."
                : RsaKeyCheck.Problems(numbers) is [var problem, ..] ? $"{key.Kid}: {problem}" : null;
        }
        catch (Exception exception) when (exception is AsnContentException or CryptographicException)
        {
            return $"{key.Kid} is damaged.";
        }
    }

    /// <summary>A key that neither signs nor is announced here has no use for its private part.</summary>
    private SigningKey Row(BundledKey key, bool signs, bool announced)
    {
        var (id, now) = (Guid.CreateVersion7(change.Now), change.Now);
        var keepsPrivatePart = signs || announced;
        var retain = retainSeconds is { } seconds ? TimeSpan.FromSeconds(seconds) : change.Settings.Retain;
        using var rsa = RSA.Create();
        rsa.ImportSubjectPublicKeyInfo(key.PublicKey, out _);
        return new SigningKey
        {
            Id = id,
            Kid = key.Kid,
            ClientId = change.Application.ClientId,
            KeySize = rsa.KeySize,
            PublicKey = key.PublicKey,
            PrivateKeyEncrypted = keepsPrivatePart ? cipher.Encrypt(SigningKey.PrivateKeyField(id), key.PrivateKey) : null,
            EncryptionKey = keepsPrivatePart ? cipher.CurrentKeyId : null,
            CreatedAt = key.CreatedAt,
            AnnouncedAt = key.AnnouncedAt,
            // One that takes over begins to sign now: by its schedule elsewhere it could be due to be replaced already.
            ActivatedAt = announced ? null : signs && takeOver ? now : key.ActivatedAt ?? now,
            SupersededAt = signs || announced ? null : key.SupersededAt ?? now,
            ExpiresAt = signs || announced ? null : key.ExpiresAt is { } end && retainSeconds is null ? end : now + retain,
        };
    }
}
