using AuthPlatform.Contracts;
using AuthPlatform.TokenApi.Requests;

namespace AuthPlatform.TokenApi.Tokens;

/// <summary>Why a token is refused; the texts are [compat].</summary>
internal static class TokenProblems
{
    public static Problem MissingToken { get; } = new(StatusCodes.Status400BadRequest, ErrorCodes.InvalidRequest, OAuthErrors.InvalidRequest, "Missing or invalid 'token' field");

    public static Problem InvalidToken { get; } = new(StatusCodes.Status401Unauthorized, ErrorCodes.InvalidToken, OAuthErrors.InvalidToken, "Invalid token");

    public static Problem TokenExpired { get; } = new(StatusCodes.Status401Unauthorized, ErrorCodes.TokenExpired, OAuthErrors.InvalidToken, "Token expired");

    public static Problem InvalidTokenType { get; } = new(StatusCodes.Status401Unauthorized, ErrorCodes.InvalidTokenType, OAuthErrors.InvalidToken, "Invalid token type");

    /// <summary>Rather no token than one that no verifier takes.</summary>
    public static Problem TooLong { get; } = RequestProblems.Invalid($"A token would have more than {JwsShape.MaxLength} characters, and be refused everywhere: claims, scope, unique_key or audience must be shorter");

    /// <summary>The refresh token is good, but its session has ended.</summary>
    public static Problem InvalidGrant { get; } = new(StatusCodes.Status401Unauthorized, ErrorCodes.InvalidGrant, OAuthErrors.InvalidGrant, "Invalid token");

    /// <summary>The refresh token had been replaced before; its session has ended now.</summary>
    public static Problem RefreshTokenReused { get; } = InvalidGrant with { Code = ErrorCodes.RefreshTokenReused };

    /// <summary>The same refusal where the token was presented as a grant: RFC 6749 has one word for all (§5.2).</summary>
    public static Problem AsGrant(Problem problem) => problem.Error == OAuthErrors.InvalidToken ? problem with { Error = OAuthErrors.InvalidGrant } : problem;
}
