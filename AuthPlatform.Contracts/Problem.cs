namespace AuthPlatform.Contracts;

/// <summary>A failure as the caller sees it: the fixed part of an <c>application/problem+json</c> answer (RFC 9457).</summary>
/// <param name="Status">HTTP status code, 400–599.</param>
/// <param name="Code">Our own stable name of the failure, one of <see cref="ErrorCodes"/>.</param>
/// <param name="Error">The word of RFC 6749 or RFC 6750 for it, one of <see cref="OAuthErrors"/>.</param>
/// <param name="Detail">A sentence for the developer of the client application; never holds a token or secret.</param>
public sealed record Problem(int Status, string Code, string Error, string Detail)
{
    /// <summary>Seconds after which trying again makes sense, sent as <c>Retry-After</c>; absent when trying again changes nothing.</summary>
    public int? RetryAfterSeconds { get; init; }

    /// <summary>What a 401 sends as <c>WWW-Authenticate</c>; absent for the usual one of its <see cref="Error"/>.</summary>
    public string? Challenge { get; init; }
}
