namespace AuthPlatform.Contracts;

/// <summary>A token that the Key Manager signed.</summary>
/// <param name="Token">The compact JWS.</param>
/// <param name="KeyId">The <c>kid</c> in its header.</param>
public sealed record SignedToken(string Token, string KeyId)
{
    /// <summary>Without the token: whoever writes this object to a log must not write that.</summary>
    public override string ToString() => $"{nameof(SignedToken)} {{ {nameof(KeyId)} = {KeyId} }}";
}

/// <summary>What the Key Manager and its callers agree on beside the routes.</summary>
public static class KeyManagerContract
{
    /// <summary>Response header of the keys of an application: the version of all keys that they are at least as new as.</summary>
    public const string VersionHeader = "X-Keys-Version";

    /// <summary>The longest time, in minutes, that a rotation can leave the old key published: ten years.</summary>
    public const int LongestRotateAfterMinutes = 10 * 365 * 24 * 60;

    /// <summary>Most bytes of a payload to sign.</summary>
    public const int MaxPayloadLength = 64 * 1024;

    /// <summary>Most payloads of one request to sign.</summary>
    public const int MaxSignatures = 64;

    /// <summary>Most bytes of a request to sign.</summary>
    public const int MaxSigningLength = MaxSignatures * (MaxPayloadLength + 128);

    /// <summary>Header type of access tokens (RFC 9068).</summary>
    public const string AccessTokenType = "at+jwt";

    /// <summary>Header type of refresh tokens that are JWTs.</summary>
    public const string RefreshTokenType = "rt+jwt";

    /// <summary>Header type of all tokens of the older service.</summary>
    public const string SeedTokenType = "JWT";

    /// <summary>Address of the signing route; <see cref="SigningFrames"/> go in and come out.</summary>
    public static Uri SignAddress { get; } = new("/internal/sign", UriKind.Relative);

    /// <summary>Address of the version of all keys.</summary>
    public static Uri ChangesAddress { get; } = new("/internal/keys/changes", UriKind.Relative);

    /// <summary>Address of the public keys of an application, at least as new as a version.</summary>
    public static Uri KeysAddress(string clientId, long version) => new(FormattableString.Invariant($"/internal/applications/{clientId}/jwks?version={version}"), UriKind.Relative);
}
