namespace AuthPlatform.Contracts.Signing;

/// <summary>The headers of a signed request.</summary>
public static class SigningHeaders
{
    /// <summary>The <c>client_id</c> of the application that signs.</summary>
    public const string ClientId = "X-Client-Id";

    /// <summary>The signature: 44 characters of base64 for v1, one or two <c>v2=</c> values for v2.</summary>
    public const string Signature = "X-Signature";

    /// <summary>v2: UNIX seconds, digits only.</summary>
    public const string Timestamp = "X-Timestamp";

    /// <summary>v2: 16–64 characters of <c>[A-Za-z0-9_-]</c>, used once per application.</summary>
    public const string Nonce = "X-Nonce";
}
