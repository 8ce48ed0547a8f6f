using AuthPlatform.Contracts;
using AuthPlatform.Data.Auth;
using AuthPlatform.TokenApi.Audit;
using AuthPlatform.TokenApi.Requests;
using AuthPlatform.TokenApi.Sessions;
using AuthPlatform.TokenApi.Tokens;
using Application = AuthPlatform.TokenApi.Requests.Application;

namespace AuthPlatform.TokenApi.OAuth;

/// <summary><c>POST /auth/{client_id}/oauth2/token</c>: the grants <c>client_credentials</c> (RFC 6749 §4.4) and <c>refresh_token</c> (§6).</summary>
internal sealed class GrantToken(
    IssuerEndpointRunner runner,
    TokenReader reader,
    TokenSigner signer,
    RotateRefreshToken rotation,
    SessionStore sessions,
    AuditLog audit,
    TimeProvider clock,
    TokenMetrics metrics)
{
    public const string ClientCredentials = "client_credentials";
    public const string RefreshTokenGrant = "refresh_token";

    public Task HandleAsync(HttpContext context, string clientId) => runner.RunAsync(context, SignedEndpoint.OAuthToken, clientId, request => GrantAsync(context, request));

    private Task<Problem?> GrantAsync(HttpContext context, ClientRequest request)
    {
        if (request.Form["scope"] is { } scope && !ScopeText.IsWellFormed(scope))
        {
            return Task.FromResult<Problem?>(OAuthProblems.MalformedScope);
        }

        return request.Form["grant_type"] switch
        {
            ClientCredentials => GrantToClientAsync(context, request),
            RefreshTokenGrant => RefreshAsync(context, request),
            null => Task.FromResult<Problem?>(OAuthProblems.MissingGrantType),
            _ => Task.FromResult<Problem?>(OAuthProblems.UnsupportedGrantType),
        };
    }

    private async Task<Problem?> GrantToClientAsync(HttpContext context, ClientRequest request)
    {
        var now = clock.GetUtcNow();
        var grant = new ClientGrant
        {
            Application = request.Caller,
            TokenId = Guid.CreateVersion7(now),
            Scope = request.Form["scope"],
            IssuedAt = now,
            ExpiresAt = TokenSigner.AccessExpiry(request.Caller, now, DateTimeOffset.MaxValue),
        };
        var (signed, problem) = await signer.ClientAsync(grant);
        if (signed is not { } access)
        {
            return problem;
        }

        metrics.Issued();
        await audit.WriteAsync(new SessionAudit(request.Caller, context.Connection.RemoteIpAddress, now).Token(AuditKinds.Issued, grant.TokenId));
        await TokenResponse.WriteAsync(context, (grant, access), static (json, answer) =>
        {
            json.WriteString("access_token"u8, answer.access.Token);
            json.WriteString("token_type"u8, "bearer"u8);
            json.WriteNumber("expires_in"u8, (long)(answer.grant.ExpiresAt - answer.grant.IssuedAt).TotalSeconds);
            if (answer.grant.Scope is not null)
            {
                json.WriteString("scope"u8, answer.grant.Scope);
            }
        });
        return null;
    }

    private async Task<Problem?> RefreshAsync(HttpContext context, ClientRequest request)
    {
        if (request.Form["refresh_token"] is not { } token)
        {
            return OAuthProblems.MissingRefreshToken;
        }

        if (request.Form["scope"] is { } scope && !await MayAskAsync(request.Caller, token, scope, context.RequestAborted))
        {
            return OAuthProblems.ScopeNotGranted;
        }

        var (pair, problem) = await rotation.RotateAsync(
            request.Caller, token, device: string.Empty, ip: string.Empty, context.Connection.RemoteIpAddress, context.RequestAborted);
        if (pair is null)
        {
            return OAuthProblems.AtTokenEndpoint(problem!);
        }

        await pair.WriteAsync(context, clock.GetUtcNow());
        return null;
    }

    /// <summary>
    /// Whether a scope is within that of the session (§6); looked at before the token is used up by the rotation, which refuses what is not found here. A
    /// narrower one is not kept: the answer says the scope that the token has (§3.3).
    /// </summary>
    private async Task<bool> MayAskAsync(Application caller, string token, string scope, CancellationToken cancellationToken)
    {
        var (presented, _) = await reader.ReadAsync(caller, token, TokenNames.Refresh, evenExpired: false, cancellationToken);
        var session = presented is null ? null : await sessions.FindAsync(caller, presented.SessionId);
        return session is null || ScopeText.IsWithin(scope, session.Scope);
    }
}
