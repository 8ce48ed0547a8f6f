using AuthPlatform.Contracts;
using AuthPlatform.TokenApi.Requests;

namespace AuthPlatform.TokenApi.Tokens;

/// <summary><c>POST /auth/verify</c>: says whether an access token is good at this moment, and gives its claims.</summary>
internal sealed class VerifyToken(SignedEndpointRunner runner, TokenVerifier verifier, TokenMetrics metrics, TimeProvider clock)
{
    public Task HandleAsync(HttpContext context) => runner.RunAsync(context, SignedEndpoint.Verify, request => VerifyAsync(context, request));

    private async Task<Problem?> VerifyAsync(HttpContext context, SignedRequest request)
    {
        if (request.OptionalString("token"u8) is not { Length: > 0 } token)
        {
            return TokenProblems.MissingToken;
        }

        var (verified, problem) = await verifier.VerifyAsync(request.Application, token, context.RequestAborted);
        if (verified is null)
        {
            return problem;
        }

        metrics.Verified();
        var secondsLeft = Math.Max(0, (long)(verified.ExpiresAt - clock.GetUtcNow()).TotalSeconds);
        await TokenResponse.WriteAsync(context, (Token: verified, SecondsLeft: secondsLeft), static (json, answer) =>
        {
            json.WriteBoolean("valid"u8, true);
            json.WriteString("client_id"u8, answer.Token.Application.ClientId);
            json.WritePropertyName("payload"u8);
            json.WriteRawValue(answer.Token.Payload.Span);
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
        return null;
    }
}
