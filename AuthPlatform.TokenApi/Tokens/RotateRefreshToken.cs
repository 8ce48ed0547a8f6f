using System.Net;
using System.Text.Json;
using AuthPlatform.Contracts;
using AuthPlatform.Data.Auth;
using AuthPlatform.ServiceDefaults.Problems;
using AuthPlatform.TokenApi.Audit;
using AuthPlatform.TokenApi.Sessions;
using Npgsql;
using Application = AuthPlatform.TokenApi.Requests.Application;

namespace AuthPlatform.TokenApi.Tokens;

/// <summary>
/// Exchanges a refresh token for the next pair of tokens (RFC 6749 §6, with rotation as in RFC 9700 §4.14). Of many who present the same token at once, one
/// moves the session on and all get the same next refresh token; a token that comes back later has been stolen from or by somebody, and ends the session.
/// </summary>
internal sealed class RotateRefreshToken(
    TokenReader reader,
    TokenSigner signer,
    SessionStore sessions,
    RevocationAnnouncer revocations,
    AuditLog audit,
    NpgsqlDataSource dataSource,
    TimeProvider clock,
    TokenMetrics metrics)
{
    /// <summary>Each attempt after the first means that somebody else has moved the session on meanwhile; the second already gets the grace answer.</summary>
    private const int Attempts = 4;

    /// <summary>Gives the next pair, or the answer that refuses.</summary>
    /// <param name="application">The application that presents the token.</param>
    /// <param name="token">The refresh token as it was presented.</param>
    /// <param name="device">The user's device now; empty when it is the same as before.</param>
    /// <param name="ip">The user's address now, canonical; empty when it is the same as before.</param>
    /// <param name="caller">Where the request came from, for the audit.</param>
    /// <param name="cancellationToken">Ends the work before the session has moved on.</param>
    public async Task<(TokenPair? Pair, Problem? Problem)> RotateAsync(
        Application application, string token, string device, string ip, IPAddress? caller, CancellationToken cancellationToken)
    {
        var (presented, problem) = await reader.ReadAsync(application, token, TokenNames.Refresh, evenExpired: false, cancellationToken);
        if (presented is null)
        {
            return (null, TokenProblems.AsGrant(problem!));
        }

        for (var attempt = 0; attempt < Attempts; attempt++)
        {
            var events = new SessionAudit(application, caller, SessionTime.Now(clock));
            if (await sessions.FindAsync(application, presented.SessionId) is not { } session || presented.Generation > session.Generation)
            {
                return (null, TokenProblems.InvalidGrant);
            }

            if (session.IsOver(events.Now))
            {
                return (null, TokenProblems.AsGrant(TokenProblems.TokenExpired));
            }

            if (presented.Generation == session.Generation)
            {
                if (await RenewAsync(session, device, ip, events, cancellationToken) is { } answer)
                {
                    return answer;
                }
            }
            else if (session.IsInGrace(presented.Generation))
            {
                return await RepeatAsync(session, events);
            }
            else
            {
                await EndReusedAsync(session, events, cancellationToken);
                return (null, TokenProblems.RefreshTokenReused);
            }
        }

        return (null, CommonProblems.TemporarilyUnavailable);
    }

    /// <summary>Moves the session on; null when somebody else was faster.</summary>
    private async Task<(TokenPair?, Problem?)?> RenewAsync(LiveSession session, string device, string ip, SessionAudit events, CancellationToken cancellationToken)
    {
        var (application, now) = (events.Application, events.Now);
        var end = SessionTime.IdleEnd(application, now, session.AbsoluteExpiresAt);
        // The grace begins by the clock by which others see whether it is over.
        var grant = Grant(application, session, session.Generation + 1, session.ReadAt, end, TokenSigner.AccessExpiry(application, now, end), now);
        // Signed before the session moves on: when the Key Manager is away, the token that the user has stays good.
        var (pair, problem) = await signer.PairAsync(grant);
        if (pair is null)
        {
            return (null, problem);
        }

        var place = UserPlace.Kept(application, device, ip);
        place = new UserPlace(place.Device.Length > 0 ? place.Device : session.Place.Device, place.Ip.Length > 0 ? place.Ip : session.Place.Ip);
        var renewal = new SessionRenewal
        {
            MovedTo = place == session.Place ? null : place,
            KeyId = pair.Access.KeyId,
            RefreshedAt = grant.RefreshedAt,
            TokensUntil = grant.AccessExpiresAt,
            IdleExpiresAt = end,
            GraceUntil = grant.RefreshedAt + SessionTime.Grace,
        };
        if (await sessions.RenewAsync(application, session, renewal, cancellationToken) is not { } ended)
        {
            return null;
        }

        await audit.WriteAsync([events.Session(AuditKinds.Refreshed, session.Id, session.UniqueKey), .. ended.Select(events.Ended)]);
        // Before others are told, which whoever hangs up ends: the session has moved on.
        metrics.Refreshed();
        List<RevokedTokens> revoked = [.. ended.Select(e => RevokedTokens.Of(e, renewal.GraceUntil))];
        revoked.Add(new RevokedTokens(session.Id, session.Generation, renewal.GraceUntil, session.TokensUntil + SessionEnding.ClockMargin));
        await revocations.AnnounceAsync(revoked, cancellationToken);
        return (pair, null);
    }

    /// <summary>The answer that the caller, or its twin, has got already: the same refresh token, and an access token that lives no longer than the one it got.</summary>
    private async Task<(TokenPair?, Problem?)> RepeatAsync(LiveSession session, SessionAudit events)
    {
        // Its end may be by a clock that is behind this one.
        var latest = session.TokensUntil.AddSeconds(-1);
        var grant = Grant(
            events.Application, session, session.Generation, session.RefreshedAt, session.IdleExpiresAt, session.TokensUntil, events.Now < latest ? events.Now : latest);
        var answer = await signer.PairAsync(grant);
        if (answer.Pair is not null)
        {
            await audit.WriteAsync(events.Session(AuditKinds.Refreshed, session.Id, session.UniqueKey, AuditKinds.Repeated));
        }

        return answer;
    }

    private async Task EndReusedAsync(LiveSession session, SessionAudit events, CancellationToken cancellationToken)
    {
        // A thief who hangs up must not keep that out of the audit, nor out of the number on which an alert stands.
        var ended = await SessionEnding.EndAsync(dataSource, events.Application.Id, [session.Id], RevocationReasons.RefreshReuse, events.Now, CancellationToken.None);
        await audit.WriteAsync([.. ended.Select(events.Ended)]);
        metrics.RefreshReused();
        await revocations.AnnounceAsync([.. ended.Select(e => RevokedTokens.Of(e, events.Now))], cancellationToken);
    }

    private static TokenGrant Grant(
        Application application, LiveSession session, int generation, DateTimeOffset refreshedAt, DateTimeOffset refreshEnd, DateTimeOffset accessEnd, DateTimeOffset now) => new()
        {
            Application = application,
            SessionId = session.Id,
            Generation = generation,
            UniqueKey = session.UniqueKey,
            Scope = session.Scope,
            Claims = session.Claims is null ? null : JsonElement.Parse(session.Claims),
            RefreshedAt = refreshedAt,
            RefreshExpiresAt = refreshEnd,
            AccessIssuedAt = now,
            AccessExpiresAt = accessEnd,
        };
}
