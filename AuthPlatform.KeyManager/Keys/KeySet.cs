using AuthPlatform.Data.Keys;

namespace AuthPlatform.KeyManager.Keys;

/// <summary>The keys of one application as this process uses them; immutable.</summary>
internal sealed class KeySet
{
    private KeySet(JwksDocument? jwks, DateTimeOffset? changesAt, SigningKey? active, Signer? signer, bool isComplete)
    {
        Jwks = jwks;
        ChangesAt = changesAt;
        ActivatedAt = active?.ActivatedAt;
        Signer = signer;
        IsComplete = isComplete;
    }

    /// <summary>Null until there is a key to publish: an empty set would be cached by clients.</summary>
    public JwksDocument? Jwks { get; }

    /// <summary>When the next key leaves the JWKS; null when none is about to.</summary>
    public DateTimeOffset? ChangesAt { get; }

    /// <summary>When the active key began to sign.</summary>
    public DateTimeOffset? ActivatedAt { get; }

    /// <summary>Null when there is no active key, or when it could not be decrypted.</summary>
    public Signer? Signer { get; }

    /// <summary>Whether there is an active and a next key.</summary>
    public bool IsComplete { get; }

    /// <summary>Sorts out the keys of an application; <paramref name="signerOf"/> finds or decrypts the private part of the active one.</summary>
    public static KeySet Create(IReadOnlyCollection<SigningKey> keys, Func<SigningKey, Signer?> signerOf, DateTimeOffset now)
    {
        var published = keys
            .Select(key => (Key: key, State: KeyPolicy.StateOf(key, now)))
            .Where(k => KeyPolicy.IsPublished(k.State))
            // Newest first. Both first keys of an application are equally old: the one that signs later is the newer.
            .OrderBy(k => k.State)
            .ThenByDescending(k => k.Key.CreatedAt)
            .ToList();
        var active = published.Find(k => k.State == KeyState.Active).Key;
        return new KeySet(
            published.Count == 0 ? null : JwksDocument.Create(published.Select(k => k.Key)),
            published.Min(k => k.Key.ExpiresAt),
            active,
            active is null ? null : signerOf(active),
            KeyPolicy.Plan(keys, now).IsNothing);
    }
}
