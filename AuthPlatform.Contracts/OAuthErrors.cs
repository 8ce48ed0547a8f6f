namespace AuthPlatform.Contracts;

/// <summary>The words of RFC 6749 §5.2 and RFC 6750 §3.1 in the <c>error</c> member of answers.</summary>
public static class OAuthErrors
{
    /// <summary>The request is malformed (RFC 6749 §5.2).</summary>
    public const string InvalidRequest = "invalid_request";

    /// <summary>Client authentication failed (RFC 6749 §5.2).</summary>
    public const string InvalidClient = "invalid_client";

    /// <summary>The refresh token is invalid, expired, revoked or of another client (RFC 6749 §5.2).</summary>
    public const string InvalidGrant = "invalid_grant";

    /// <summary>The access token is expired, revoked or malformed (RFC 6750 §3.1).</summary>
    public const string InvalidToken = "invalid_token";

    /// <summary>The authenticated client may not do this (RFC 6749 §5.2).</summary>
    public const string UnauthorizedClient = "unauthorized_client";

    /// <summary>The token endpoint does not know this grant type (RFC 6749 §5.2).</summary>
    public const string UnsupportedGrantType = "unsupported_grant_type";

    /// <summary>The scope is malformed, or goes beyond what was granted (RFC 6749 §5.2).</summary>
    public const string InvalidScope = "invalid_scope";

    /// <summary>The server cannot handle the request at the moment (RFC 6749 §4.1.2.1).</summary>
    public const string TemporarilyUnavailable = "temporarily_unavailable";

    /// <summary>A defect of the server (RFC 6749 §4.1.2.1).</summary>
    public const string ServerError = "server_error";
}
