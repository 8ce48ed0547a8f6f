using System.Text.Json;
using AuthPlatform.Contracts;
using AuthPlatform.TokenApi.Requests;
using AuthPlatform.TokenApi.Sessions;
using AuthPlatform.TokenApi.Tokens;

namespace AuthPlatform.TokenApi.OAuth;

/// <summary>
/// <c>POST /auth/{client_id}/oauth2/introspect</c> (RFC 7662): what a token says, if it is good at this moment. An application asks about its tokens of both
/// types, a resource server about access tokens of the issuer in the address; a refresh token is none of its business.
/// </summary>
internal sealed class IntrospectToken(IssuerEndpointRunner runner, TokenReader reader, TokenVerifier verifier, SessionStore sessions, TimeProvider clock)
{
    public Task HandleAsync(HttpContext context, string clientId) =>
        runner.RunForResourceServersAsync(context, SignedEndpoint.Introspect, clientId, (issuer, request) => IntrospectAsync(context, issuer, request));

    private async Task<Problem?> IntrospectAsync(HttpContext context, Application issuer, ClientRequest request)
    {
        if (request.Form["token"] is not { } token)
        {
            return OAuthProblems.MissingToken;
        }

        var asksItself = request.Caller.ClientId == issuer.ClientId;
        var (access, _) = await verifier.VerifyAsync(request.Caller, token, context.RequestAborted);
        if (access is not null && (asksItself || access.Application.ClientId == issuer.ClientId))
        {
            await TokenResponse.WriteAsync(context, access, WriteAccess);
        }
        else if (asksItself && await FindRefreshableAsync(issuer, token, context.RequestAborted) is { } session)
        {
            await TokenResponse.WriteAsync(context, (issuer, session), WriteRefresh);
        }
        else
        {
            // Whatever the reason (§2.2): the caller learns nothing about tokens that are not good, or not for it.
            await TokenResponse.WriteAsync(context, false, static (json, active) => json.WriteBoolean("active"u8, active));
        }

        return null;
    }

    /// <summary>The session that the refresh token would be taken for; looking at a token never counts as using it.</summary>
    private async Task<LiveSession?> FindRefreshableAsync(Application issuer, string token, CancellationToken cancellationToken)
    {
        var (presented, _) = await reader.ReadAsync(issuer, token, TokenNames.Refresh, evenExpired: false, cancellationToken);
        if (presented is null || await sessions.FindAsync(issuer, presented.SessionId) is not { } session)
        {
            return null;
        }

        return !session.IsOver(clock.GetUtcNow()) && (presented.Generation == session.Generation || session.IsInGrace(presented.Generation)) ? session : null;
    }

    private static void WriteAccess(Utf8JsonWriter json, VerifiedToken token)
    {
        json.WriteBoolean("active"u8, true);
        json.WriteString("token_type"u8, "bearer"u8);
        using var claims = JsonDocument.Parse(token.Payload);
        foreach (var claim in claims.RootElement.EnumerateObject())
        {
            // An application's own claims may have these names, but not these meanings.
            if (claim.Name is not ("active" or "token_type"))
            {
                claim.WriteTo(json);
            }
        }
    }

    private static void WriteRefresh(Utf8JsonWriter json, (Application Issuer, LiveSession Session) token)
    {
        var (issuer, session) = token;
        json.WriteBoolean("active"u8, true);
        json.WriteString("iss"u8, issuer.Issuer);
        json.WriteString("aud"u8, issuer.Issuer);
        json.WriteString("sub"u8, issuer.UsesSeedProfile ? issuer.ClientId : session.UniqueKey);
        json.WriteString("client_id"u8, issuer.ClientId);
        json.WriteNumber("iat"u8, session.RefreshedAt.ToUnixTimeSeconds());
        json.WriteNumber("exp"u8, session.IdleExpiresAt.ToUnixTimeSeconds());
        json.WriteString("unique_key"u8, session.UniqueKey);
        json.WriteString("typ"u8, TokenNames.Refresh);
        json.WriteString("sid"u8, session.Id);
        json.WriteNumber("gen"u8, session.Generation);
        if (session.Scope is not null)
        {
            json.WriteString("scope"u8, session.Scope);
        }
    }
}
