using System.Text.Json.Serialization;

namespace AuthPlatform.Contracts;

/// <summary>Asks the Key Manager for a rotation.</summary>
/// <param name="RotateAfterMinutes">
/// For how long the old key stays published: 0 ends it at once and has what it signed refused, more is raised to what is safe, null is the application's own retention. At most
/// <see cref="KeyManagerContract.LongestRotateAfterMinutes"/>.
/// </param>
/// <param name="RequestId">Names the request, 1–64 characters: repeated with the same one, it is not carried out again but answered as before.</param>
/// <param name="OnlyIfRepeated">Answers only a request that was carried out already.</param>
/// <param name="ActiveKid">The key that is to give way: when another one signs by now, nothing is done. Null is whichever signs.</param>
public sealed record KeyRotationRequest(int? RotateAfterMinutes, string RequestId, bool OnlyIfRepeated, string? ActiveKid = null);

/// <summary>What a rotation did.</summary>
public sealed record KeyRotation
{
    /// <summary>A sentence for people.</summary>
    public required string Message { get; init; }

    /// <summary>For how many minutes the old key stays published, rounded up.</summary>
    public required int RotateAfterMinutes { get; init; }

    /// <summary>The key that signed until now.</summary>
    public required string OldKid { get; init; }

    /// <summary>The key that signs from <see cref="EffectiveAt"/> on.</summary>
    public required string NewKid { get; init; }

    /// <summary>The key that was announced for the rotation after this one; null when that happens only at <see cref="EffectiveAt"/>.</summary>
    public string? NextKid { get; init; }

    /// <summary>When the new key takes over: now, or when every verifier knows it.</summary>
    public required DateTimeOffset EffectiveAt { get; init; }

    /// <summary>When the old key leaves the JWKS.</summary>
    public required DateTimeOffset OldKeyExpiresAt { get; init; }

    /// <summary>What is different from what was asked for, and what to expect; sentences for people.</summary>
    public required IReadOnlyList<string> Warnings { get; init; }
}

/// <summary>What the revocation of a key did.</summary>
public sealed record KeyRevocation
{
    /// <summary>The revoked key.</summary>
    public required string Kid { get; init; }

    /// <summary>What it was before: <c>next</c>, <c>active</c>, <c>retiring</c>, <c>retired</c>, or <c>revoked</c> when nothing changed.</summary>
    public required string State { get; init; }

    /// <summary>Since when it is revoked.</summary>
    public required DateTimeOffset RevokedAt { get; init; }

    /// <summary>The key that signs now.</summary>
    public string? ActiveKid { get; init; }

    /// <summary>The key that is announced now.</summary>
    public string? NextKid { get; init; }
}

/// <summary>How the keys of an application should live; null means the Key Manager's default.</summary>
/// <param name="KeySize">Bits of new keys: 2048, 3072 or 4096.</param>
/// <param name="RotateEverySeconds">How long a key signs.</param>
/// <param name="AnnounceSeconds">How long a key is published at least before the schedule lets it sign, at least 24 h.</param>
/// <param name="RetainSeconds">How long a key stays published after it signed last, at least 4020 s.</param>
public sealed record KeySettingsChange(int? KeySize = null, int? RotateEverySeconds = null, int? AnnounceSeconds = null, int? RetainSeconds = null);

/// <summary>How the keys of an application live.</summary>
/// <param name="KeySize">Bits of new keys.</param>
/// <param name="RotateEverySeconds">How long a key signs.</param>
/// <param name="AnnounceSeconds">How long a key is published at least before the schedule lets it sign.</param>
/// <param name="RetainSeconds">How long a key stays published after it signed last.</param>
public sealed record KeySettingsAnswer(int KeySize, int RotateEverySeconds, int AnnounceSeconds, int RetainSeconds);

/// <summary>The keys of an application, past ones included.</summary>
public sealed record KeyListing
{
    /// <summary>How they live.</summary>
    public required KeySettingsAnswer Settings { get; init; }

    /// <summary>When the next key takes over; null while there is none.</summary>
    public DateTimeOffset? RotatesAt { get; init; }

    /// <summary>The keys, newest first; of past ones the newest 100.</summary>
    public required IReadOnlyList<KeyListingEntry> Keys { get; init; }

    /// <summary>How many older ones there are.</summary>
    public int Unlisted { get; init; }
}

/// <summary>Which applications change their keys next.</summary>
/// <param name="Applications">The soonest first.</param>
public sealed record KeysDue(IReadOnlyList<KeyDue> Applications);

/// <summary>When one application changes its key.</summary>
/// <param name="ClientId">The application.</param>
/// <param name="RotatesAt">When its next key takes over.</param>
public sealed record KeyDue(string ClientId, DateTimeOffset RotatesAt);

/// <summary>One key.</summary>
public sealed record KeyListingEntry
{
    /// <summary>Its public name.</summary>
    public required string Kid { get; init; }

    /// <summary><c>next</c>, <c>active</c>, <c>retiring</c>, <c>retired</c> or <c>revoked</c>.</summary>
    public required string State { get; init; }

    /// <summary>Bits of its modulus.</summary>
    public required int KeySize { get; init; }

    /// <summary>When it was made.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>When it was first published.</summary>
    public required DateTimeOffset AnnouncedAt { get; init; }

    /// <summary>When it began to sign.</summary>
    public DateTimeOffset? ActivatedAt { get; init; }

    /// <summary>When it signed last.</summary>
    public DateTimeOffset? SupersededAt { get; init; }

    /// <summary>When it leaves, or left, the JWKS.</summary>
    public DateTimeOffset? ExpiresAt { get; init; }

    /// <summary>When it was revoked.</summary>
    public DateTimeOffset? RevokedAt { get; init; }
}

/// <summary>A JWKS (RFC 7517).</summary>
/// <param name="Keys">Its keys, newest first.</param>
public sealed record PublishedKeys(IReadOnlyList<PublishedKey> Keys);

/// <summary>A public RSA key; its members are the RFC's.</summary>
/// <param name="Kty">Always RSA.</param>
/// <param name="Use">Always sig.</param>
/// <param name="Alg">What it signs with.</param>
/// <param name="Kid">Its name.</param>
/// <param name="N">Its modulus in base64url.</param>
/// <param name="E">Its exponent in base64url.</param>
public sealed record PublishedKey(string Kty, string Use, string Alg, string Kid, string N, string E);

/// <summary>What those have to know who keep copies of keys.</summary>
/// <param name="Version">Grows with each change of any key.</param>
/// <param name="Revoked">The keys whose signatures are refused: those that were revoked in the last 30 days, or that a rotation ended at once in the last one.</param>
public sealed record KeysVersion(long Version, IReadOnlyList<string> Revoked);

/// <summary>The JSON of all these: snake_case, as everywhere.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(KeyRotationRequest))]
[JsonSerializable(typeof(KeyRotation))]
[JsonSerializable(typeof(KeyRevocation))]
[JsonSerializable(typeof(KeySettingsChange))]
[JsonSerializable(typeof(KeySettingsAnswer))]
[JsonSerializable(typeof(KeyListing))]
[JsonSerializable(typeof(KeysDue))]
[JsonSerializable(typeof(PublishedKeys))]
[JsonSerializable(typeof(KeysVersion))]
public sealed partial class KeyContractsJson : JsonSerializerContext;
