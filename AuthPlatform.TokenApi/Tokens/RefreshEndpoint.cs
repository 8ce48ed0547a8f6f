using AuthPlatform.Contracts;
using AuthPlatform.TokenApi.Requests;

namespace AuthPlatform.TokenApi.Tokens;

/// <summary><c>POST /auth/refresh</c>.</summary>
internal sealed class RefreshEndpoint(SignedEndpointRunner runner, RotateRefreshToken rotation, TimeProvider clock)
{
    public Task HandleAsync(HttpContext context) => runner.RunAsync(context, SignedEndpoint.Refresh, request => RefreshAsync(context, request));

    private async Task<Problem?> RefreshAsync(HttpContext context, SignedRequest request)
    {
        if (request.OptionalString("token"u8) is not { Length: > 0 } token)
        {
            return TokenProblems.MissingToken;
        }

        var (device, ip, problem) = UserPlaceRequest.Parse(request);
        if (problem is not null)
        {
            return problem;
        }

        (var pair, problem) = await rotation.RotateAsync(request.Application, token, device, ip, context.Connection.RemoteIpAddress, context.RequestAborted);
        if (pair is not null)
        {
            await pair.WriteAsync(context, clock.GetUtcNow());
        }

        return problem;
    }
}
