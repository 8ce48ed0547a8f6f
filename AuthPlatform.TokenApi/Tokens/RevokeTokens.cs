using System.Net;
using AuthPlatform.Data;
using AuthPlatform.Data.Auth;
using AuthPlatform.TokenApi.Audit;
using AuthPlatform.TokenApi.Sessions;
using Npgsql;
using Application = AuthPlatform.TokenApi.Requests.Application;

namespace AuthPlatform.TokenApi.Tokens;

/// <summary>Ends the sessions of tokens, or those with given ids; when it returns, every replica refuses all of them. Redis is told once, however many they are.</summary>
internal sealed class RevokeTokens(NpgsqlDataSource dataSource, RevocationAnnouncer revocations, AuditLog audit, TimeProvider clock, TokenMetrics metrics)
{
    /// <summary>
    /// For tokens whose session is not there: one that has just been ended with a grace (another session moved into its place) still has to die at once.
    /// And for those that never had a session, which are revoked by their own id. Gives what counts now, and until when. The function is in the migration SessionLookups.
    /// </summary>
    private const string RevokeRemaining = "SELECT id, until FROM revoke_remaining($1, $2, $3, $4, $5, $6)";

    /// <summary>Beside the shorter ones: the longest counts.</summary>
    private const string RevokeLonger =
        """
        INSERT INTO revocations (application_id, revoked_id, reason, revoked_at, effective_at, until)
        SELECT $1, t.id, $4, $5, $5, t.until FROM unnest($2, $3) AS t (id, until)
        """;

    /// <summary>Rows are locked for as long as so many take.</summary>
    internal const int AtOnce = 1000;

    /// <summary>The longest lifetime of access tokens that an application can have.</summary>
    private static readonly TimeSpan LongestAccess = TimeSpan.FromSeconds(TokenLimits.LongestAccessSeconds);

    /// <summary>Gives the sessions that this call has ended.</summary>
    public async Task<IReadOnlyList<EndedSession>> RevokeAsync(Application application, IReadOnlyCollection<VerifiedToken> tokens, IPAddress? caller, CancellationToken cancellationToken)
    {
        var now = SessionTime.Now(clock);
        var named = tokens.GroupBy(t => (t.SessionId, t.HasSession), (of, all) => new NamedTokens(of.SessionId, !of.HasSession, all.Max(t => Until(t, now)), all.Max(OwnEnd))).ToList();
        var (ended, revoked) = await RevokeAsync(application, named, now, caller);
        await revocations.AnnounceAsync(revoked, cancellationToken);
        return ended;
    }

    /// <summary>
    /// The same for the ids of sessions, each once, of which it is known that they are the application's: in small transactions, in their order. They prove no token, so only what is
    /// known is revoked.
    /// </summary>
    public async Task<IReadOnlyList<EndedSession>> RevokeSessionsAsync(Application application, IReadOnlyCollection<Guid> sessionIds, IPAddress? caller, CancellationToken cancellationToken)
    {
        var (ended, revoked) = (new List<EndedSession>(), new List<RevokedTokens>());
        try
        {
            foreach (var ids in sessionIds.Chunk(AtOnce))
            {
                var named = ids.Select(id => new NamedTokens(id, IsToken: false, DateTimeOffset.MinValue, DateTimeOffset.MinValue)).ToList();
                var some = await RevokeAsync(application, named, SessionTime.Now(clock), caller);
                ended.AddRange(some.Ended);
                revoked.AddRange(some.Revoked);
            }
        }
        finally
        {
            // Also when it failed in the middle: what is ended must be refused.
            await revocations.AnnounceAsync(revoked, cancellationToken);
        }

        return ended;
    }

    /// <summary>Gives what has ended, and all that is to be told to others. Cannot be cancelled: whoever hangs up must keep what happened neither out of the numbers nor out of the audit.</summary>
    private async Task<(IReadOnlyList<EndedSession> Ended, IReadOnlyList<RevokedTokens> Revoked)> RevokeAsync(
        Application application, List<NamedTokens> named, DateTimeOffset now, IPAddress? caller)
    {
        if (named.Count == 0)
        {
            return ([], []);
        }

        var (ended, remaining) = await StatementConflicts.RetryAsync(() => EndAsync(application.Id, named, now));
        metrics.Revoked(ended.Count);
        var events = new SessionAudit(application, caller, now);
        await audit.WriteAsync([.. ended.Select(events.Ended), .. named.Where(n => n.IsToken && n.Until > now).Select(n => events.Token(AuditKinds.Revoked, n.Id))]);
        var endedIds = ended.Select(e => e.Id).ToHashSet();
        List<RevokedTokens> revoked = [.. ended.Select(e => RevokedTokens.Of(e, now)), .. remaining.Where(r => !endedIds.Contains(r.Id))];
        return (ended, [.. revoked, .. await OutliveAsync(application.Id, revoked, named, now)]);
    }

    /// <summary>
    /// Until when a token must be refused if nothing is known of its session: one of another token of the session may live longer. A refresh token proves no access token, so
    /// it revokes only what is known.
    /// </summary>
    private static DateTimeOffset Until(VerifiedToken token, DateTimeOffset now) =>
        token.Use != TokenNames.Access || token.ExpiresAt + SessionEnding.ClockMargin <= now ? DateTimeOffset.MinValue
        : (token.HasSession && token.ExpiresAt < now + LongestAccess ? now + LongestAccess : token.ExpiresAt) + SessionEnding.ClockMargin;

    private static DateTimeOffset OwnEnd(VerifiedToken token) => token.Use == TokenNames.Access ? token.ExpiresAt + SessionEnding.ClockMargin : DateTimeOffset.MinValue;

    private async Task<(IReadOnlyList<EndedSession> Ended, List<RevokedTokens> Remaining)> EndAsync(Guid applicationId, List<NamedTokens> named, DateTimeOffset now)
    {
        await using var batch = dataSource.CreateBatch();
        batch.BatchCommands.Add(LockWait.NoLongerThanASecond());
        batch.BatchCommands.Add(SessionEnding.Command(applicationId, [.. named.Where(n => !n.IsToken).Select(n => n.Id)], RevocationReasons.Revoked, now));
        batch.BatchCommands.Add(new NpgsqlBatchCommand(RevokeRemaining)
        {
            Parameters =
            {
                Sql.Value(applicationId),
                Sql.Value<Guid[]>([.. named.Select(n => n.Id)]),
                Sql.Value<DateTime[]>([.. named.Select(n => n.Until.UtcDateTime)]),
                Sql.Value<bool[]>([.. named.Select(n => n.IsToken)]),
                Sql.Value(RevocationReasons.Revoked),
                Sql.Value(now.UtcDateTime),
            },
        });
        await using var reader = await batch.ExecuteReaderAsync();
        await reader.NextResultAsync();
        var ended = await SessionEnding.ReadAsync(reader, RevocationReasons.Revoked, CancellationToken.None);
        await reader.NextResultAsync();
        var remaining = await reader.ReadAllAsync(row => new RevokedTokens(row.GetGuid(0), null, now, row.GetFieldValue<DateTimeOffset>(1)), CancellationToken.None);
        // Reading to the end is what waits for the commit.
        await reader.NextResultAsync();
        return (ended, remaining);
    }

    /// <summary>
    /// Revokes for longer what would be forgotten before the tokens that were sent die, and gives that: a database that was put back to an earlier state knows of older tokens than
    /// clients have.
    /// </summary>
    private async Task<IReadOnlyList<RevokedTokens>> OutliveAsync(Guid applicationId, List<RevokedTokens> revoked, List<NamedTokens> named, DateTimeOffset now)
    {
        var ends = named.Where(n => !n.IsToken).ToDictionary(n => n.Id, n => n.OwnEnd);
        List<RevokedTokens> longer = [.. revoked.Where(r => ends.GetValueOrDefault(r.Id) > r.Until).Select(r => r with { Until = ends[r.Id] })];
        if (longer.Count > 0)
        {
            await using var command = dataSource.CreateCommand(
                RevokeLonger,
                Sql.Value(applicationId),
                Sql.Value<Guid[]>([.. longer.Select(r => r.Id)]),
                Sql.Value<DateTime[]>([.. longer.Select(r => r.Until.UtcDateTime)]),
                Sql.Value(RevocationReasons.Revoked),
                Sql.Value(now.UtcDateTime));
            await command.ExecuteNonQueryAsync();
        }

        return longer;
    }

    /// <summary>The tokens of a session, or one without.</summary>
    /// <param name="Id">Its <c>sid</c>, or the token's <c>jti</c>.</param>
    /// <param name="IsToken">Whether it is a token without a session.</param>
    /// <param name="Until">Until when they must be refused if nothing is known of the session; the beginning of time where they prove nothing.</param>
    /// <param name="OwnEnd">Until when they themselves must be.</param>
    private sealed record NamedTokens(Guid Id, bool IsToken, DateTimeOffset Until, DateTimeOffset OwnEnd);
}
