using System.Text.Json.Serialization;

namespace AuthPlatform.Cli.Keys.Transfer;

/// <summary>The keys of one application on their way to another installation; only ever written encrypted, by <see cref="BundleFile"/>.</summary>
internal sealed record KeyBundle(
    [property: JsonRequired] string ClientId,
    [property: JsonRequired] DateTimeOffset ExportedAt,
    [property: JsonRequired] IReadOnlyList<BundledKey> Keys)
{
    /// <summary>Without the keys: whoever writes this object somewhere must not write those.</summary>
    public override string ToString() => $"{nameof(KeyBundle)} of {ClientId} with {Keys.Count} key(s)";
}

/// <summary>One key as it stands in the database, with its private part in the clear.</summary>
/// <param name="Kid">Its public name.</param>
/// <param name="PublicKey">SubjectPublicKeyInfo.</param>
/// <param name="PrivateKey">PKCS#8; null when it signs no more.</param>
/// <param name="CreatedAt">When it was generated.</param>
/// <param name="AnnouncedAt">When it was first published.</param>
/// <param name="ActivatedAt">When it began to sign.</param>
/// <param name="SupersededAt">When it signed last.</param>
/// <param name="ExpiresAt">When it leaves the JWKS.</param>
internal sealed record BundledKey(
    [property: JsonRequired] string Kid,
    [property: JsonRequired] byte[] PublicKey,
    byte[]? PrivateKey,
    [property: JsonRequired] DateTimeOffset CreatedAt,
    [property: JsonRequired] DateTimeOffset AnnouncedAt,
    DateTimeOffset? ActivatedAt,
    DateTimeOffset? SupersededAt,
    DateTimeOffset? ExpiresAt)
{
    /// <summary>Without the key.</summary>
    public override string ToString() => $"{nameof(BundledKey)} {Kid}";
}
