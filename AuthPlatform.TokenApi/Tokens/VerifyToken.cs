using AuthPlatform.Contracts;
using AuthPlatform.TokenApi.Requests;

namespace AuthPlatform.TokenApi.Tokens;

/// <summary><c>POST /auth/verify</c>: says whether an access token is good at this moment, and gives its claims.</summary>
internal sealed class VerifyToken(SignedEndpointRunner runner, TokenVerifier verifier, TokenMetrics metrics, TimeProvider clock)
{
    public Task HandleAsync(HttpContext context) => runner.RunQuestionAsync(context, SignedEndpoint.Verify, request => VerifyAsync(context, request), WriteAsync);

    private async Task<(VerifiedToken? Token, Problem? Problem)> VerifyAsync(HttpContext context, SignedRequest request) =>
        request.OptionalString("token"u8) is { Length: > 0 } token
            ? await verifier.VerifyAsync(request.Application, token, context.RequestAborted)
            : (null, TokenProblems.MissingToken);

    private Task WriteAsync(HttpContext context, VerifiedToken verified)
    {
        metrics.Verified();
        var secondsLeft = Math.Max(0, (long)(verified.ExpiresAt - clock.GetUtcNow()).TotalSeconds);
        return TokenResponse.WriteAsync(context, (Token: verified, SecondsLeft: secondsLeft), static (json, answer) =>
        {
            json.WriteBoolean("valid"u8, true);
            json.WriteString("client_id"u8, answer.Token.Application.ClientId);
            json.WritePropertyName("payload"u8);
            // Read as JSON before it was believed.
            json.WriteRawValue(answer.Token.Payload.Span, skipInputValidation: true);
            json.WriteString("kid"u8, answer.Token.KeyId!);
            if (answer.Token.HasSession)
            {
                json.WriteString("session_id"u8, answer.Token.SessionId);
            }
            else
            {
                json.WriteNull("session_id"u8);
            }

            json.WriteNumber("expires_in"u8, answer.SecondsLeft);
        });
    }
}
