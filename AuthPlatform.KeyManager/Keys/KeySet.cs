using AuthPlatform.Data.Keys;

namespace AuthPlatform.KeyManager.Keys;

/// <summary>The keys of one application as this process uses them; immutable.</summary>
internal sealed class KeySet
{
    private readonly IReadOnlyList<Stamp> _stamps;
    private readonly Guid? _activeId;

    private KeySet(ApplicationKeys keys, IReadOnlyCollection<(SigningKey Key, KeyState State)> published, Func<SigningKey, Signer?> signerOf, DateTimeOffset now)
    {
        var active = published.FirstOrDefault(k => k.State == KeyState.Active).Key;
        _stamps = Stamps(keys);
        _activeId = active?.Id;
        LeavesAt = published.Min(k => k.Key.ExpiresAt);
        Settings = keys.Settings;
        Jwks = published.Count == 0 ? null : JwksDocument.Create(published.Select(k => k.Key));
        ActivatedAt = active?.ActivatedAt;
        Signer = active is null ? null : signerOf(active);
        IsComplete = active is not null && published.Any(k => k.State == KeyState.Next);
        RotatesAt = KeyPolicy.RotatesAt(now, keys.Keys, keys.Settings, keys.Pending);
    }

    public KeySettings Settings { get; }

    /// <summary>Null until there is a key to publish: an empty set would be cached by clients.</summary>
    public JwksDocument? Jwks { get; }

    /// <summary>When the active key began to sign.</summary>
    public DateTimeOffset? ActivatedAt { get; }

    /// <summary>Null when there is no active key, or when it could not be decrypted.</summary>
    public Signer? Signer { get; }

    /// <summary>Whether there is an active and a next key.</summary>
    public bool IsComplete { get; }

    /// <summary>When the next key takes over; null while the set is not complete.</summary>
    public DateTimeOffset? RotatesAt { get; }

    /// <summary>When the first of the published keys leaves; null while all stay.</summary>
    public DateTimeOffset? LeavesAt { get; }

    /// <summary>Sorts out the keys of an application; <paramref name="signerOf"/> finds or decrypts the private part of the active one.</summary>
    public static KeySet Create(ApplicationKeys keys, Func<SigningKey, Signer?> signerOf, DateTimeOffset now)
    {
        var published = keys.Keys
            .Select(key => (Key: key, State: KeyPolicy.StateOf(key, now)))
            .Where(k => KeyPolicy.IsPublished(k.State))
            // Newest first. Both first keys of an application are equally old: the one that signs later is the newer.
            .OrderBy(k => k.State)
            .ThenByDescending(k => k.Key.CreatedAt)
            .ToList();
        return new KeySet(keys, published, signerOf, now);
    }

    /// <summary>What signs with a key, where that is the active one: importing it once more would take time.</summary>
    public Signer? SignerOf(SigningKey key) => key.Id == _activeId ? Signer : null;

    /// <summary>Whether a key is the active one and did not open.</summary>
    public bool IsBroken(SigningKey key) => key.Id == _activeId && Signer is null;

    /// <summary>Whether the policy has something to do.</summary>
    public bool NeedsWork(DateTimeOffset now) => !IsComplete || RotatesAt <= now;

    /// <summary>Whether these rows would give the same set again: most of them do at each reading, and importing keys takes time.</summary>
    public bool IsStill(ApplicationKeys keys, DateTimeOffset now) =>
        (Signer is not null || !IsComplete) && !(LeavesAt <= now) && Settings == keys.Settings && _stamps.SequenceEqual(Stamps(keys));

    /// <summary>When the published keys change next: one leaves, or the next takes over and is followed by another. What is overdue is nobody's reason to ask all the time.</summary>
    public DateTimeOffset? ChangesAt(DateTimeOffset now)
    {
        var rotates = RotatesAt > now ? RotatesAt : null;
        return rotates is null || LeavesAt < rotates ? LeavesAt : rotates;
    }

    private static List<Stamp> Stamps(ApplicationKeys keys) =>
    [
        new(Guid.Empty, keys.Pending?.DueAt, null, null, null),
        .. keys.Keys.OrderBy(k => k.Id).Select(k => new Stamp(k.Id, k.ActivatedAt, k.SupersededAt, k.ExpiresAt, k.AnnouncedAt)),
    ];

    private readonly record struct Stamp(Guid Id, DateTimeOffset? Activated, DateTimeOffset? Superseded, DateTimeOffset? Expires, DateTimeOffset? Announced);
}
