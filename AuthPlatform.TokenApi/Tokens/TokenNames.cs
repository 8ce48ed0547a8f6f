using System.Collections.Frozen;

namespace AuthPlatform.TokenApi.Tokens;

/// <summary>Names in the claims of tokens.</summary>
internal static class TokenNames
{
    /// <summary>The <c>typ</c> claim of an access token.</summary>
    public const string Access = "access";

    /// <summary>The <c>typ</c> claim of a refresh token.</summary>
    public const string Refresh = "refresh";

    /// <summary>Claims that an application cannot set, as docs/protocol.md has them: those of the platform, and of the registered ones (RFC 7519, 7800, 8693, 9068, OpenID Connect) those that libraries act on.</summary>
    public static readonly FrozenSet<string> Reserved = FrozenSet.Create(
        StringComparer.Ordinal,
        "iss", "sub", "aud", "exp", "nbf", "iat", "jti", "client_id", "unique_key", "typ", "sid", "gen", "scope", "kid", "claims",
        "azp", "nonce", "auth_time", "acr", "amr", "at_hash", "c_hash", "s_hash", "act", "may_act", "cnf", "events", "sub_jwk", "token_use",
        "__proto__", "constructor", "prototype");
}
