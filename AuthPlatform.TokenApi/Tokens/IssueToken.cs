using AuthPlatform.Contracts;
using AuthPlatform.Data.Auth;
using AuthPlatform.TokenApi.Audit;
using AuthPlatform.TokenApi.Requests;
using AuthPlatform.TokenApi.Sessions;
using Application = AuthPlatform.TokenApi.Requests.Application;

namespace AuthPlatform.TokenApi.Tokens;

/// <summary><c>POST /auth/token</c>: starts a session of a user, device and address, and issues its first pair of tokens.</summary>
internal sealed class IssueToken(
    SignedEndpointRunner runner,
    TokenSigner signer,
    SessionStarts sessions,
    RevocationAnnouncer revocations,
    AuditLog audit,
    TimeProvider clock,
    TokenMetrics metrics)
{
    public Task HandleAsync(HttpContext context) => runner.RunAsync(context, SignedEndpoint.Token, request => IssueAsync(context, request));

    private async Task<Problem?> IssueAsync(HttpContext context, SignedRequest signed)
    {
        var (request, problem) = IssueRequest.Parse(signed);
        if (request is null)
        {
            return problem;
        }

        // Signed before the session starts: when the Key Manager is away, the user keeps the session that stands.
        var now = SessionTime.Now(clock);
        var grant = Grant(signed.Application, request, now);
        (var pair, problem) = await signer.PairAsync(grant);
        if (pair is null)
        {
            return problem;
        }

        var ended = await sessions.StartAsync(signed.Application, Session(grant, request, pair.Access.KeyId), context.RequestAborted);
        var events = new SessionAudit(signed.Application, context.Connection.RemoteIpAddress, now);
        await audit.WriteAsync([events.Session(AuditKinds.Issued, grant.SessionId, grant.UniqueKey), .. ended.Select(events.Ended)]);
        // Before others are told, which whoever hangs up ends: the session stands.
        metrics.Issued();
        await revocations.AnnounceAsync([.. ended.Select(e => RevokedTokens.Of(e, now))], context.RequestAborted);
        await pair.WriteAsync(context, clock.GetUtcNow());
        return null;
    }

    private static TokenGrant Grant(Application application, IssueRequest request, DateTimeOffset now)
    {
        var end = SessionTime.IdleEnd(application, now, now + application.RefreshAbsoluteLifetime);
        return new TokenGrant
        {
            Application = application,
            SessionId = Guid.CreateVersion7(now),
            Generation = 0,
            UniqueKey = request.UniqueKey,
            Scope = request.Scope,
            Claims = request.Claims,
            RefreshedAt = now,
            RefreshExpiresAt = end,
            AccessIssuedAt = now,
            AccessExpiresAt = TokenSigner.AccessExpiry(application, now, end),
        };
    }

    private static NewSession Session(TokenGrant grant, IssueRequest request, string keyId) => new()
    {
        Id = grant.SessionId,
        UniqueKey = grant.UniqueKey,
        Place = UserPlace.Kept(grant.Application, request.Device, request.Ip),
        Scope = grant.Scope,
        Claims = grant.Claims?.GetRawText(),
        KeyId = keyId,
        StartedAt = grant.RefreshedAt,
        TokensUntil = grant.AccessExpiresAt,
        IdleExpiresAt = grant.RefreshExpiresAt,
        AbsoluteExpiresAt = grant.RefreshedAt + grant.Application.RefreshAbsoluteLifetime,
    };
}
