using AuthPlatform.Data.Keys;

namespace AuthPlatform.KeyManager.Keys;

/// <summary>The stations in the life of a key.</summary>
internal enum KeyState
{
    /// <summary>Published, signs nothing yet.</summary>
    Next,

    /// <summary>Published, signs.</summary>
    Active,

    /// <summary>Published, signs no more.</summary>
    Retiring,

    /// <summary>Not published any more; what it signed is over.</summary>
    Retired,

    /// <summary>Not published any more; what it signed is refused.</summary>
    Revoked,
}

/// <summary>A rotation that somebody asked for and that is still to come.</summary>
/// <param name="DueAt">When the next key takes over.</param>
/// <param name="Retain">How long the old key stays published after that.</param>
internal sealed record PendingRotation(DateTimeOffset DueAt, TimeSpan Retain)
{
    public static PendingRotation? Of(KeyApplication application) => application is { RotationDueAt: { } dueAt, RotationRetainSeconds: { } retain }
        ? new PendingRotation(dueAt, TimeSpan.FromSeconds(retain))
        : null;
}

/// <summary>What has to be done with the keys of one application, all in one transaction.</summary>
/// <param name="Supersede">The active key that has to stop signing; it loses its private part.</param>
/// <param name="SupersededUntil">When that key leaves the JWKS.</param>
/// <param name="Promote">The next key that has to become active.</param>
/// <param name="CreateActive">Whether a key has to be made that signs at once, because there is none that clients know already.</param>
/// <param name="CreateNext">Whether a next key has to be made.</param>
internal sealed record KeyPlan(SigningKey? Supersede, DateTimeOffset? SupersededUntil, SigningKey? Promote, bool CreateActive, bool CreateNext)
{
    public static KeyPlan Nothing { get; } = new(null, null, null, CreateActive: false, CreateNext: false);

    public bool IsNothing => Promote is null && !CreateActive && !CreateNext;
}

/// <summary>The rules of a key's life, without clock, store or lock.</summary>
internal static class KeyPolicy
{
    /// <summary>
    /// Whether a key was activated, superseded or revoked is a fact that some replica wrote down, not a time to wait for: compared with a clock that is a second
    /// behind, an application would have no active key for that second. Only the end of publication lies in the future when it is written; one that does not is a fact as well.
    /// </summary>
    public static KeyState StateOf(SigningKey key, DateTimeOffset now) => key switch
    {
        { RevokedAt: not null } => KeyState.Revoked,
        { ActivatedAt: null } => KeyState.Next,
        { SupersededAt: null } => KeyState.Active,
        _ => key.ExpiresAt > key.SupersededAt && now < key.ExpiresAt ? KeyState.Retiring : KeyState.Retired,
    };

    public static bool IsPublished(KeyState state) => state is KeyState.Next or KeyState.Active or KeyState.Retiring;

    /// <summary>
    /// What there is to do now. One step at a time: whoever slept for years still promotes a key that everybody knows, and the one after it is announced for as long
    /// as any other.
    /// </summary>
    public static KeyPlan Plan(DateTimeOffset now, IReadOnlyCollection<SigningKey> keys, KeySettings settings, PendingRotation? pending)
    {
        var (active, next) = (Find(keys, KeyState.Active, now), Find(keys, KeyState.Next, now));
        if (active is null)
        {
            return new KeyPlan(null, null, next, CreateActive: next is null, CreateNext: true);
        }

        if (next is null || now < RotatesAt(active, next, settings, pending))
        {
            return new KeyPlan(null, null, null, CreateActive: false, CreateNext: next is null);
        }

        var retain = pending is not null && pending.DueAt <= now ? pending.Retain : settings.Retain;
        return new KeyPlan(active, now + retain, next, CreateActive: false, CreateNext: true);
    }

    /// <summary>When the next key takes over; null while an active or a next key is missing.</summary>
    public static DateTimeOffset? RotatesAt(DateTimeOffset now, IReadOnlyCollection<SigningKey> keys, KeySettings settings, PendingRotation? pending) =>
        Find(keys, KeyState.Active, now) is { } active && Find(keys, KeyState.Next, now) is { } next ? RotatesAt(active, next, settings, pending) : null;

    /// <summary>
    /// From when on a next key may sign without any verifier meeting it unprepared: once every copy of a JWKS from before it was published is out of date. One that
    /// was published with the very first keys was in every copy there has ever been.
    /// </summary>
    public static DateTimeOffset KnownToAllAt(SigningKey next, IReadOnlyCollection<SigningKey> keys, KeySettings settings) =>
        keys.All(k => k.AnnouncedAt >= next.AnnouncedAt) ? next.AnnouncedAt : next.AnnouncedAt + settings.MaxAge;

    public static SigningKey? Find(IReadOnlyCollection<SigningKey> keys, KeyState state, DateTimeOffset now) => keys.SingleOrDefault(k => StateOf(k, now) == state);

    private static DateTimeOffset RotatesAt(SigningKey active, SigningKey next, KeySettings settings, PendingRotation? pending)
    {
        var (signedLongEnough, announcedLongEnough) = (active.ActivatedAt!.Value + settings.RotateEvery, next.AnnouncedAt + settings.Announce);
        var scheduled = signedLongEnough > announcedLongEnough ? signedLongEnough : announcedLongEnough;
        return pending is not null && pending.DueAt < scheduled ? pending.DueAt : scheduled;
    }
}
