using System.Security.Cryptography;
using System.Text;
using AuthPlatform.Cli.Running;
using AuthPlatform.Data.Auth;
using Microsoft.EntityFrameworkCore;

namespace AuthPlatform.Cli.Import;

/// <summary>
/// Brings the sign-ins of an older deployment here. What an earlier import made of a sign-in, and nobody has used here, goes on with its newer pair of tokens: it was refreshed in
/// the older service meanwhile. Somebody who signed in here meanwhile keeps that session: the older one is over then, as if it had been ended here.
/// </summary>
internal sealed class SessionImport(Invocation invocation)
{
    /// <summary>The revocation feed gives only what is older than the oldest open transaction: one for all of them would keep revocations from everybody while it lasts.</summary>
    private const int AtOnce = 500;

    private readonly List<Entry> _entries = [];

    /// <summary>How many there are to bring.</summary>
    public int All => _entries.Count;

    /// <summary>How many of them have been brought.</summary>
    public int Done { get; private set; }

    public int New => Count(Outcome.New);

    public int Renewed => Count(Outcome.Renewed);

    public int PassedOver => Count(Outcome.PassedOver);

    /// <summary>Compares them with what is here.</summary>
    /// <param name="sessions">Of applications that are here, or will be; one for each place of a user.</param>
    /// <param name="applications">These, by name.</param>
    /// <param name="keys">The keys that are here, or will be, and verify.</param>
    public async Task CheckAsync(IReadOnlyList<OldSession> sessions, IReadOnlyDictionary<string, Application> applications, IReadOnlySet<(string KeyId, string ClientId)> keys)
    {
        var hashes = sessions.Select(s => ImportedToken.HashOf(s.RefreshToken)).ToList();
        var there = await invocation.AuthDatabase.ImportedTokens.Where(t => hashes.Contains(t.TokenHash)).Select(t => t.TokenHash).ToListAsync(invocation.Cancellation);
        var known = there.Select(Convert.ToHexString).ToHashSet();
        var standing = await ReadStandingAsync(sessions, applications.Values);
        foreach (var session in sessions.Where(s => !known.Contains(Convert.ToHexString(ImportedToken.HashOf(s.RefreshToken)))))
        {
            var application = applications[session.ClientId];
            var former = standing.GetValueOrDefault((application.Id, session.UniqueKey, session.Device, session.Ip));
            _entries.Add(new Entry(
                session,
                application,
                // The session hangs on the key of its refresh token when that of its access token is over.
                keys.Contains((session.Access.KeyId, session.ClientId)) ? session.Access.KeyId : session.Refresh.KeyId,
                former,
                former is null ? Outcome.New : former.IsUnused && former.RefreshedAt < session.Refresh.IssuedAt ? Outcome.Renewed : Outcome.PassedOver));
        }
    }

    /// <summary>
    /// Brings the next ones within the caller's transaction, so many that it stays a short one. What somebody has done here since they were compared is what counts: each of them is
    /// compared again by the statement that writes it.
    /// </summary>
    public async Task ApplyNextAsync()
    {
        for (var end = Math.Min(Done + AtOnce, All); Done < end; Done++)
        {
            _entries[Done] = await ApplyAsync(_entries[Done]);
        }
    }

    private int Count(Outcome outcome) => _entries.Count(entry => entry.Outcome == outcome);

    /// <summary>The sessions of these users by their places, with the imported refresh token of those that have one. Read at once: nothing finds an imported token by its session.</summary>
    private async Task<Dictionary<(Guid ApplicationId, string UniqueKey, string Device, string Ip), Standing>> ReadStandingAsync(
        IReadOnlyList<OldSession> sessions, IEnumerable<Application> applications)
    {
        var (ids, users) = (applications.Select(a => a.Id).ToList(), sessions.Select(s => s.UniqueKey).Distinct().ToList());
        var database = invocation.AuthDatabase;
        var standing = await database.Sessions
            .Where(s => users.Contains(s.UniqueKey) && ids.Contains(s.ApplicationId))
            .LeftJoin(
                database.ImportedTokens.Where(t => t.IsRefresh),
                s => s.Id,
                t => t.SessionId,
                (s, t) => new Standing(s.Id, s.ApplicationId, s.UniqueKey, s.Device, s.Ip, s.Generation, s.RefreshedAt, t!.TokenHash))
            .ToListAsync(invocation.Cancellation);
        return standing.ToDictionary(s => (s.ApplicationId, s.UniqueKey, s.Device, s.Ip));
    }

    private async Task<Entry> ApplyAsync(Entry entry)
    {
        var (issuedAt, now) = (entry.Session.Refresh.IssuedAt, invocation.Now);
        var id = Guid.CreateVersion7(issuedAt < now ? issuedAt : now);
        var isDone = entry.Outcome switch
        {
            Outcome.New => await AddAsync(entry, id),
            Outcome.Renewed => await RenewAsync(entry, entry.Former!, id),
            _ => false,
        };
        var outcome = isDone ? entry.Outcome : Outcome.PassedOver;
        await AddTokensAsync(entry, outcome == Outcome.Renewed ? entry.Former!.Id : id, withAccess: isDone);
        return entry with { Outcome = outcome };
    }

    private async Task<bool> AddAsync(Entry entry, Guid id)
    {
        var (session, application, now) = (entry.Session, entry.Application, invocation.Now);
        var (issuedAt, end) = (session.Refresh.IssuedAt, session.Refresh.ExpiresAt);
        var absoluteEnd = now.AddSeconds(application.RefreshAbsoluteSeconds);
        absoluteEnd = absoluteEnd < end ? end : absoluteEnd;
        return await invocation.AuthDatabase.Database.ExecuteSqlAsync(
            $"""
            INSERT INTO sessions (id, application_id, unique_key, device, device_hash, ip, key_id, generation, created_at, refreshed_at, tokens_until, idle_expires_at, absolute_expires_at,
                sweep_at)
            VALUES ({id}, {application.Id}, {session.UniqueKey}, {session.Device}, {SHA256.HashData(Encoding.UTF8.GetBytes(session.Device))}, {session.Ip}, {entry.KeyId}, 0,
                {issuedAt}, {issuedAt}, {entry.TokensUntil}, {end}, {absoluteEnd}, {end})
            ON CONFLICT DO NOTHING
            """,
            invocation.Cancellation) == 1;
    }

    /// <summary>Whatever the session had before it has at least now; its former refresh token is replaced, and leads to no session any more.</summary>
    private async Task<bool> RenewAsync(Entry entry, Standing former, Guid nobody)
    {
        var (issuedAt, end) = (entry.Session.Refresh.IssuedAt, entry.Session.Refresh.ExpiresAt);
        var database = invocation.AuthDatabase.Database;
        var renewed = await database.ExecuteSqlAsync(
            $"""
            UPDATE sessions SET key_id = {entry.KeyId}, refreshed_at = {issuedAt}, tokens_until = greatest(tokens_until, {entry.TokensUntil}),
                idle_expires_at = greatest(idle_expires_at, {end}), absolute_expires_at = greatest(absolute_expires_at, {end})
            WHERE id = {former.Id} AND generation = 0 AND refreshed_at = {former.RefreshedAt}
            """,
            invocation.Cancellation);
        if (renewed == 0)
        {
            return false;
        }

        await database.ExecuteSqlAsync($"UPDATE imported_tokens SET session_id = {nobody} WHERE token_hash = {former.TokenHash}", invocation.Cancellation);
        return true;
    }

    /// <summary>The refresh token always: an import that is repeated must not bring back what was passed over.</summary>
    private async Task AddTokensAsync(Entry entry, Guid sessionId, bool withAccess)
    {
        var session = entry.Session;
        await invocation.AuthDatabase.Database.ExecuteSqlAsync(
            $"""
            INSERT INTO imported_tokens (token_hash, application_id, session_id, is_refresh, expires_at)
            SELECT token.hash, {entry.Application.Id}, {sessionId}, token.is_refresh, token.until
            FROM (VALUES ({ImportedToken.HashOf(session.AccessToken)}, false, {session.Access.ExpiresAt}), ({ImportedToken.HashOf(session.RefreshToken)}, true, {session.Refresh.ExpiresAt}))
                AS token (hash, is_refresh, until)
            WHERE token.is_refresh OR {withAccess}
            ON CONFLICT DO NOTHING
            """,
            invocation.Cancellation);
    }

    private enum Outcome
    {
        New,
        Renewed,
        PassedOver,
    }

    private sealed record Entry(OldSession Session, Application Application, string KeyId, Standing? Former, Outcome Outcome)
    {
        public DateTimeOffset TokensUntil => Session.Access.ExpiresAt < Session.Refresh.ExpiresAt ? Session.Access.ExpiresAt : Session.Refresh.ExpiresAt;
    }

    private sealed record Standing(Guid Id, Guid ApplicationId, string UniqueKey, string Device, string Ip, int Generation, DateTimeOffset RefreshedAt, byte[]? TokenHash)
    {
        /// <summary>Whether it is as an import left it; the hash is then that of its refresh token.</summary>
        public bool IsUnused => Generation == 0 && TokenHash is not null;
    }
}
