using AuthPlatform.Contracts;
using AuthPlatform.ServiceDefaults.Problems;

namespace AuthPlatform.TokenApi.Requests;

/// <summary>Why a signed request is refused. Texts marked [compat] are the older service's and must not change.</summary>
internal static class RequestProblems
{
    /// <summary>[compat]</summary>
    public static Problem MissingHeaders { get; } = Unauthorized(ErrorCodes.InvalidSignatureHeaders, "Missing HMAC headers");

    public static Problem MalformedNonce { get; } = BadRequest(ErrorCodes.InvalidSignatureHeaders, "X-Nonce must be 16 to 64 characters of A-Z, a-z, 0-9, '_' and '-'");

    public static Problem MalformedTarget { get; } = BadRequest(ErrorCodes.InvalidRequest, "The request target must be a path");

    /// <summary>[compat]</summary>
    public static Problem InvalidJson { get; } = BadRequest(ErrorCodes.InvalidJson, "Invalid JSON body");

    public static Problem FormExpected { get; } =
        CommonProblems.UnsupportedMediaType with { Detail = "The body must be application/x-www-form-urlencoded without a Content-Encoding" };

    public static Problem MalformedForm { get; } = BadRequest(
        ErrorCodes.InvalidRequest, "The body must be a form of percent-encoded UTF-8 without U+0000, each parameter once");

    /// <summary>[compat]</summary>
    public static Problem MissingTimestamp { get; } = BadRequest(ErrorCodes.InvalidTimestamp, "Missing timestamp in body");

    /// <summary>[compat]</summary>
    public static Problem InvalidTimestamp { get; } = BadRequest(ErrorCodes.InvalidTimestamp, "Invalid timestamp value");

    /// <summary>[compat] Unknown application, wrong signature and disabled application are one answer, so that nobody learns which applications exist.</summary>
    public static Problem InvalidSignature { get; } = Unauthorized(ErrorCodes.InvalidSignature, "Invalid HMAC signature");

    public static Problem SignatureVersionTooOld { get; } = Unauthorized(ErrorCodes.SignatureVersionTooOld, "This application takes version 2 signatures only");

    public static Problem Replayed { get; } = Unauthorized(ErrorCodes.RequestReplayed, "This signed request was already used; sign each request afresh");

    /// <summary>[compat] The skew is part of the text.</summary>
    public static Problem TimestampExpired(int skewSeconds) =>
        Unauthorized(ErrorCodes.TimestampExpired, skewSeconds % 60 == 0 ? $"Request timestamp expired (±{skewSeconds / 60} min limit)" : $"Request timestamp expired (±{skewSeconds} s limit)");

    /// <summary>[compat]</summary>
    public static Problem AddressNotAllowed(string address) =>
        new(StatusCodes.Status403Forbidden, ErrorCodes.AddressNotAllowed, OAuthErrors.UnauthorizedClient, $"Access denied for IP: {address}");

    public static Problem Invalid(string detail) => BadRequest(ErrorCodes.InvalidRequest, detail);

    private static Problem BadRequest(string code, string detail) => new(StatusCodes.Status400BadRequest, code, OAuthErrors.InvalidRequest, detail);

    private static Problem Unauthorized(string code, string detail) => new(StatusCodes.Status401Unauthorized, code, OAuthErrors.InvalidClient, detail);
}
