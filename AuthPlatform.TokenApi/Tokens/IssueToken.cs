using System.Security.Cryptography;
using AuthPlatform.Contracts;
using AuthPlatform.ServiceDefaults.Problems;
using AuthPlatform.TokenApi.Requests;
using AuthPlatform.TokenApi.Sessions;
using Microsoft.Extensions.Options;

namespace AuthPlatform.TokenApi.Tokens;

/// <summary><c>POST /auth/token</c>: starts a session of a user, device and address, and issues its first pair of tokens.</summary>
internal sealed class IssueToken(
    SignedEndpointRunner runner,
    KeyManagerClient keyManager,
    SessionStore sessions,
    IOptions<TokenOptions> options,
    TimeProvider clock,
    TokenMetrics metrics)
{
    private const int FirstGeneration = 0;

    public Task HandleAsync(HttpContext context) => runner.RunAsync(context, SignedEndpoint.Token, request => IssueAsync(context, request));

    private async Task<Problem?> IssueAsync(HttpContext context, SignedRequest signed)
    {
        var (request, problem) = IssueRequest.Parse(signed);
        if (request is null)
        {
            return problem;
        }

        var application = signed.Application;
        var now = clock.GetUtcNow();
        var session = NewSession(application, request, now);
        var accessLifetime = Jittered(application.AccessLifetime);
        var refreshLifetime = session.IdleExpiresAt - now;

        // Signed before the session starts: when the Key Manager is away, the user keeps the session that stands.
        var issuer = options.Value.Issuer(application.ClientId);
        var payload = TokenPayload.Access(application, issuer, request, session.Id, FirstGeneration, now, now + accessLifetime);
        var access = keyManager.SignAsync(application.ClientId, application.UsesSeedProfile ? KeyManagerContract.SeedTokenType : KeyManagerContract.AccessTokenType, payload, context.RequestAborted);
        var refresh = RefreshTokenAsync(application, issuer, request, session, now, context.RequestAborted);
        var (accessToken, refreshToken) = (await access, await refresh);
        if (accessToken is null || refreshToken is null)
        {
            return CommonProblems.TemporarilyUnavailable;
        }

        await sessions.StartAsync(session, context.RequestAborted);
        metrics.Issued();
        await TokenResponse.WriteAsync(context, (Access: accessToken, Refresh: refreshToken, accessLifetime, refreshLifetime, session.Id, request.Scope), static (json, answer) =>
        {
            json.WriteString("access_token"u8, answer.Access.Token);
            json.WriteString("refresh_token"u8, answer.Refresh);
            json.WriteString("token_type"u8, "bearer"u8);
            json.WriteString("kid"u8, answer.Access.KeyId);
            json.WriteNumber("expires_in"u8, (long)answer.accessLifetime.TotalSeconds);
            json.WriteNumber("refresh_expires_in"u8, (long)answer.refreshLifetime.TotalSeconds);
            json.WriteString("session_id"u8, answer.Id);
            if (answer.Scope is not null)
            {
                json.WriteString("scope"u8, answer.Scope);
            }
        });
        return null;
    }

    private NewSession NewSession(Application application, IssueRequest request, DateTimeOffset now) => new()
    {
        Id = Guid.CreateVersion7(now),
        ApplicationId = application.Id,
        UniqueKey = request.UniqueKey,
        Device = request.Device,
        Ip = request.Ip,
        StartedAt = now,
        IdleExpiresAt = now + (application.RefreshIdleLifetime < application.RefreshAbsoluteLifetime ? application.RefreshIdleLifetime : application.RefreshAbsoluteLifetime),
        AbsoluteExpiresAt = now + application.RefreshAbsoluteLifetime,
        ReplacedTokensUntil = now + application.AccessLifetime + TimeSpan.FromSeconds(2 * options.Value.VerificationSkewSeconds),
    };

    /// <summary>Up to five per cent shorter, so that tokens issued together are not all refreshed together.</summary>
    private static TimeSpan Jittered(TimeSpan lifetime)
    {
        var seconds = (int)lifetime.TotalSeconds;
        return TimeSpan.FromSeconds(seconds - RandomNumberGenerator.GetInt32((seconds / 20) + 1));
    }

    private async ValueTask<string?> RefreshTokenAsync(Application application, string issuer, IssueRequest request, NewSession session, DateTimeOffset now, CancellationToken cancellationToken)
    {
        if (!application.RefreshTokensAreJwt)
        {
            return RefreshToken.Create(application.RefreshKey, session.Id, FirstGeneration);
        }

        var payload = TokenPayload.Refresh(application, issuer, request.UniqueKey, session.Id, FirstGeneration, now, session.IdleExpiresAt);
        return (await keyManager.SignAsync(application.ClientId, KeyManagerContract.RefreshTokenType, payload, cancellationToken))?.Token;
    }
}
