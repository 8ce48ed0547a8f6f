using System.Net;
using AuthPlatform.Data.Auth;
using AuthPlatform.TokenApi.Audit;
using AuthPlatform.TokenApi.Sessions;
using Npgsql;
using Application = AuthPlatform.TokenApi.Requests.Application;

namespace AuthPlatform.TokenApi.Tokens;

/// <summary>Ends the sessions of tokens. One round trip to each store, however many they are; when it returns, every replica refuses all of them.</summary>
internal sealed class RevokeTokens(NpgsqlDataSource dataSource, RevocationAnnouncer revocations, AuditLog audit, TimeProvider clock, TokenMetrics metrics)
{
    /// <summary>
    /// For tokens whose session is not there: one that has just been ended with a grace (another session moved into its place) still has to die at once.
    /// And for those that never had a session, which are revoked by their own id. The function is in the migration SessionsTogether.
    /// </summary>
    private const string RevokeRemaining = "SELECT revoke_tokens($1, $2, $3, $4, $5, $6)";

    /// <summary>The longest lifetime of access tokens that an application can have.</summary>
    private static readonly TimeSpan LongestAccess = TimeSpan.FromHours(1);

    /// <summary>Gives the sessions that this call has ended.</summary>
    public async Task<IReadOnlyList<EndedSession>> RevokeAsync(Application application, IReadOnlyCollection<VerifiedToken> tokens, IPAddress? caller, CancellationToken cancellationToken)
    {
        if (tokens.Count == 0)
        {
            return [];
        }

        var now = SessionTime.Now(clock);
        var alive = tokens.GroupBy(t => (t.SessionId, t.HasSession), (of, all) => new AliveTokens(of.SessionId, !of.HasSession, all.Max(t => AccessEnd(t, now)) + SessionEnding.ClockMargin))
            .Where(a => a.Until > now)
            .ToList();
        var ended = await StatementConflicts.RetryAsync(() => EndAsync(application.Id, [.. tokens.Where(t => t.HasSession).Select(t => t.SessionId).Distinct()], alive, now, cancellationToken));
        var events = new SessionAudit(application, caller, now);
        await audit.WriteAsync([.. ended.Select(events.Ended), .. alive.Where(a => a.IsToken).Select(a => events.Token(AuditKinds.Revoked, a.Id))]);
        var endedIds = ended.Select(e => e.Id).ToHashSet();
        await revocations.AnnounceAsync(
            [.. ended.Select(e => RevokedTokens.Of(e, now)), .. alive.Where(a => !endedIds.Contains(a.Id)).Select(a => new RevokedTokens(a.Id, null, now, a.Until))],
            cancellationToken);
        metrics.Revoked(ended.Count);
        return ended;
    }

    /// <summary>When the last access token that goes with a token ends; a refresh token does not say.</summary>
    private static DateTimeOffset AccessEnd(VerifiedToken token, DateTimeOffset now) => token.Use == TokenNames.Access ? token.ExpiresAt : now + LongestAccess;

    private async Task<IReadOnlyList<EndedSession>> EndAsync(
        Guid applicationId, IReadOnlyCollection<Guid> sessionIds, List<AliveTokens> alive, DateTimeOffset now, CancellationToken cancellationToken)
    {
        await using var batch = dataSource.CreateBatch();
        batch.BatchCommands.Add(SessionEnding.Command(applicationId, sessionIds, RevocationReasons.Revoked, now));
        batch.BatchCommands.Add(new NpgsqlBatchCommand(RevokeRemaining)
        {
            Parameters =
            {
                new NpgsqlParameter<Guid> { TypedValue = applicationId },
                new NpgsqlParameter<Guid[]> { TypedValue = [.. alive.Select(a => a.Id)] },
                new NpgsqlParameter<DateTime[]> { TypedValue = [.. alive.Select(a => a.Until.UtcDateTime)] },
                new NpgsqlParameter<bool[]> { TypedValue = [.. alive.Select(a => a.IsToken)] },
                new NpgsqlParameter<string> { TypedValue = RevocationReasons.Revoked },
                new NpgsqlParameter<DateTime> { TypedValue = now.UtcDateTime },
            },
        });
        await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
        var ended = await SessionEnding.ReadAsync(reader, RevocationReasons.Revoked, cancellationToken);
        await reader.NextResultAsync(cancellationToken);
        return ended;
    }

    /// <summary>Access tokens that could still be alive: those of a session, or one without.</summary>
    private sealed record AliveTokens(Guid Id, bool IsToken, DateTimeOffset Until);
}
