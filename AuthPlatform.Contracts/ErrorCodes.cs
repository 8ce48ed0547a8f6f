namespace AuthPlatform.Contracts;

/// <summary>The stable <c>code</c> member of our problem answers. Codes are added, never renamed.</summary>
public static class ErrorCodes
{
    /// <summary>The request is not what the endpoint takes; <c>detail</c> says what is wrong.</summary>
    public const string InvalidRequest = "invalid_request";

    /// <summary>The body is not a JSON object in UTF-8, or has duplicate members or U+0000.</summary>
    public const string InvalidJson = "invalid_json";

    /// <summary>No usable <c>timestamp</c>.</summary>
    public const string InvalidTimestamp = "invalid_timestamp";

    /// <summary><c>X-Client-Id</c>, <c>X-Signature</c> or, for v2, <c>X-Timestamp</c> or <c>X-Nonce</c> is missing, or the last one is malformed.</summary>
    public const string InvalidSignatureHeaders = "invalid_signature_headers";

    /// <summary>The timestamp is further from the server's clock than the allowed skew.</summary>
    public const string TimestampExpired = "timestamp_expired";

    /// <summary>The signature is wrong, the application is unknown or disabled: one answer for all three.</summary>
    public const string InvalidSignature = "invalid_signature";

    /// <summary>The client did not authenticate, or its id and secret are not those of a client that may use this endpoint: one answer for all.</summary>
    public const string InvalidClientCredentials = "invalid_client_credentials";

    /// <summary>The signature is right but of a version that the application no longer takes.</summary>
    public const string SignatureVersionTooOld = "signature_version_too_old";

    /// <summary>This signed request was seen before.</summary>
    public const string RequestReplayed = "request_replayed";

    /// <summary>The caller's address is outside the application's list.</summary>
    public const string AddressNotAllowed = "address_not_allowed";

    /// <summary>The token is not one of this application's live access tokens.</summary>
    public const string InvalidToken = "invalid_token";

    /// <summary>The token's lifetime is over.</summary>
    public const string TokenExpired = "token_expired";

    /// <summary>The token is of another type than the endpoint takes.</summary>
    public const string InvalidTokenType = "invalid_token_type";

    /// <summary>The refresh token's session has ended: the user signs in again.</summary>
    public const string InvalidGrant = "invalid_grant";

    /// <summary>The refresh token had been replaced by a newer one long ago. Somebody else may have it: its session has ended.</summary>
    public const string RefreshTokenReused = "refresh_token_reused";

    /// <summary>The <c>grant_type</c> is none of those in the issuer's metadata.</summary>
    public const string UnsupportedGrantType = "unsupported_grant_type";

    /// <summary>The <c>scope</c> is malformed, or goes beyond what was granted.</summary>
    public const string InvalidScope = "invalid_scope";

    /// <summary>The keys of the application were rotated less than a minute ago, or too many old ones are still published; <c>Retry-After</c> says when they can be again.</summary>
    public const string TooManyRotations = "too_many_rotations";

    /// <summary>Nothing is served at this address.</summary>
    public const string NotFound = "not_found";

    /// <summary>The address exists but not for this method; <c>Allow</c> names those that work.</summary>
    public const string MethodNotAllowed = "method_not_allowed";

    /// <summary>The body is larger than the endpoint takes.</summary>
    public const string BodyTooLarge = "body_too_large";

    /// <summary>The media type or content encoding is not taken.</summary>
    public const string UnsupportedMediaType = "unsupported_media_type";

    /// <summary>More streams than one process keeps open for an application; <c>Retry-After</c> says when to come back.</summary>
    public const string TooManyStreams = "too_many_streams";

    /// <summary>More requests than one address or application may send; <c>Retry-After</c> says when to come back.</summary>
    public const string TooManyRequests = "too_many_requests";

    /// <summary>A store or service behind this one does not answer; <c>Retry-After</c> says when to come back.</summary>
    public const string TemporarilyUnavailable = "temporarily_unavailable";

    /// <summary>A defect of ours, logged with the <c>trace_id</c> of the answer.</summary>
    public const string ServerError = "server_error";

    /// <summary>An internal route was called without its secret.</summary>
    public const string InternalCallerUnknown = "internal_caller_unknown";
}
