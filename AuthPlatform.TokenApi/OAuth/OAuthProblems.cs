using AuthPlatform.Contracts;

namespace AuthPlatform.TokenApi.OAuth;

/// <summary>Why a request of an OAuth client is refused (RFC 6749 §5.2).</summary>
internal static class OAuthProblems
{
    public static Problem MissingToken { get; } = Invalid(ErrorCodes.InvalidRequest, OAuthErrors.InvalidRequest, "Missing parameter: token");

    public static Problem MissingGrantType { get; } = Invalid(ErrorCodes.InvalidRequest, OAuthErrors.InvalidRequest, "Missing parameter: grant_type");

    public static Problem MissingRefreshToken { get; } = Invalid(ErrorCodes.InvalidRequest, OAuthErrors.InvalidRequest, "Missing parameter: refresh_token");

    public static Problem UnsupportedGrantType { get; } = Invalid(
        ErrorCodes.UnsupportedGrantType, OAuthErrors.UnsupportedGrantType, "grant_type must be client_credentials or refresh_token");

    public static Problem MalformedScope { get; } = Invalid(
        ErrorCodes.InvalidScope, OAuthErrors.InvalidScope, "scope must be words of printable ASCII, separated by single spaces, at most 1024 characters");

    public static Problem ScopeNotGranted { get; } = Invalid(ErrorCodes.InvalidScope, OAuthErrors.InvalidScope, "scope goes beyond what was granted at sign-in");

    /// <summary>The same refusal in the words and with the status of the token endpoint.</summary>
    public static Problem AtTokenEndpoint(Problem problem) =>
        problem.Error == OAuthErrors.InvalidGrant ? problem with { Status = StatusCodes.Status400BadRequest } : problem;

    private static Problem Invalid(string code, string error, string detail) => new(StatusCodes.Status400BadRequest, code, error, detail);
}
