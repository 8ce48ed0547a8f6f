using AuthPlatform.Contracts;
using AuthPlatform.TokenApi.Requests;
using AuthPlatform.TokenApi.Tokens;

namespace AuthPlatform.TokenApi.OAuth;

/// <summary>
/// <c>POST /auth/{client_id}/oauth2/revoke</c> (RFC 7009). A token that is none of the client's is answered as one that was revoked: the client could do nothing
/// about it (§2.2). Both types of tokens can be revoked, so a hint changes nothing and <c>unsupported_token_type</c> never comes.
/// </summary>
internal sealed class RevokeByClient(IssuerEndpointRunner runner, TokenReader reader, RevokeTokens revocation)
{
    public Task HandleAsync(HttpContext context, string clientId) => runner.RunAsync(context, SignedEndpoint.OAuthRevoke, clientId, request => RevokeAsync(context, request));

    private async Task<Problem?> RevokeAsync(HttpContext context, ClientRequest request)
    {
        if (request.Form["token"] is not { } token)
        {
            return OAuthProblems.MissingToken;
        }

        var (known, _) = await reader.ReadAsync(request.Caller, token, use: null, evenExpired: true, context.RequestAborted);
        if (known is not null)
        {
            await revocation.RevokeAsync(request.Caller, [known], context.Connection.RemoteIpAddress, context.RequestAborted);
        }

        context.Response.Headers.CacheControl = "no-store";
        context.Response.ContentLength = 0;
        return null;
    }
}
