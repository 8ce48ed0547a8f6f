using AuthPlatform.Contracts;

namespace AuthPlatform.TokenApi.Tokens;

/// <summary>Why a token is refused; all texts are [compat].</summary>
internal static class TokenProblems
{
    public static Problem MissingToken { get; } = new(StatusCodes.Status400BadRequest, ErrorCodes.InvalidRequest, OAuthErrors.InvalidRequest, "Missing or invalid 'token' field");

    public static Problem InvalidToken { get; } = new(StatusCodes.Status401Unauthorized, ErrorCodes.InvalidToken, OAuthErrors.InvalidToken, "Invalid token");

    public static Problem TokenExpired { get; } = new(StatusCodes.Status401Unauthorized, ErrorCodes.TokenExpired, OAuthErrors.InvalidToken, "Token expired");

    public static Problem InvalidTokenType { get; } = new(StatusCodes.Status401Unauthorized, ErrorCodes.InvalidTokenType, OAuthErrors.InvalidToken, "Invalid token type");
}
