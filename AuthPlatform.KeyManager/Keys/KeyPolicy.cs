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

/// <summary>What must be done so that an application has one active and one next key.</summary>
/// <param name="Promote">The next key that has to become active because there is no active one.</param>
/// <param name="CreateActive">Whether a key has to be made that signs at once, because there is none that clients know already.</param>
/// <param name="CreateNext">Whether a next key has to be made.</param>
internal sealed record KeyPlan(SigningKey? Promote, bool CreateActive, bool CreateNext)
{
    public bool IsNothing => Promote is null && !CreateActive && !CreateNext;
}

/// <summary>The rules of a key's life, without clock, store or lock.</summary>
internal static class KeyPolicy
{
    /// <summary>
    /// Whether a key was activated, superseded or revoked is a fact that some replica wrote down, not a time to wait for: compared with a clock that is a second
    /// behind, an application would have no active key for that second. Only the end of publication lies in the future when it is written.
    /// </summary>
    public static KeyState StateOf(SigningKey key, DateTimeOffset now) => key switch
    {
        { RevokedAt: not null } => KeyState.Revoked,
        { ActivatedAt: null } => KeyState.Next,
        { SupersededAt: null } => KeyState.Active,
        _ => now < key.ExpiresAt ? KeyState.Retiring : KeyState.Retired,
    };

    public static bool IsPublished(KeyState state) => state is KeyState.Next or KeyState.Active or KeyState.Retiring;

    /// <summary>What the keys of one application lack.</summary>
    public static KeyPlan Plan(IReadOnlyCollection<SigningKey> keys, DateTimeOffset now)
    {
        var next = keys.SingleOrDefault(k => StateOf(k, now) == KeyState.Next);
        if (keys.Any(k => StateOf(k, now) == KeyState.Active))
        {
            return new KeyPlan(null, CreateActive: false, CreateNext: next is null);
        }

        return new KeyPlan(next, CreateActive: next is null, CreateNext: true);
    }
}
