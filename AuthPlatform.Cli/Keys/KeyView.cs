using AuthPlatform.Data.Auth;
using AuthPlatform.Data.Keys;
using AuthPlatform.KeyManager.Keys;

namespace AuthPlatform.Cli.Keys;

/// <summary>A key as it is shown: nothing of its private part but whether there is one.</summary>
internal sealed record KeyView(
    string ClientId,
    string Kid,
    KeyState State,
    int KeySize,
    bool HasPrivateKey,
    string? EncryptionKey,
    DateTimeOffset AnnouncedAt,
    DateTimeOffset? ActivatedAt,
    DateTimeOffset? SupersededAt,
    DateTimeOffset? ExpiresAt,
    DateTimeOffset? RevokedAt)
{
    public static KeyView Of(SigningKey key, DateTimeOffset now) => new(
        key.ClientId,
        key.Kid,
        KeyPolicy.StateOf(key, now),
        key.KeySize,
        key.PrivateKeyEncrypted is not null,
        key.EncryptionKey,
        key.AnnouncedAt,
        key.ActivatedAt,
        key.SupersededAt,
        key.ExpiresAt,
        key.RevokedAt);

    /// <summary>What hangs on it; null when that was not asked for.</summary>
    public KeyReach? Reach { get; init; }

    /// <summary>Since when it is what it is.</summary>
    public DateTimeOffset? Since => State switch
    {
        KeyState.Next => AnnouncedAt,
        KeyState.Active => ActivatedAt,
        KeyState.Retiring => SupersededAt,
        KeyState.Retired => ExpiresAt,
        _ => RevokedAt,
    };
}
