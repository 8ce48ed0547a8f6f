using System.Net;
using System.Text.Json;
using AuthPlatform.TokenApi.Sessions;
using Application = AuthPlatform.TokenApi.Requests.Application;

namespace AuthPlatform.TokenApi.Tokens;

/// <summary>Ends sessions of which an application has no token: those of a user, or those with given ids.</summary>
internal sealed class RevokeSessions(OwnSessions sessions, RecentRevocations recent, RevokeTokens revocation)
{
    /// <summary>Nobody can sign in more than a fifth as often; an import may have brought any number. No more than the audit has room for at once.</summary>
    internal const int MostOfUser = 5000;

    /// <summary>Malformed, another application's, or long over: one answer, so that nobody learns which ids exist.</summary>
    private const string Unknown = "Unknown session";

    /// <summary>Ends the sessions with these ids. One that has ended already is as good, for as long as anything is known of it.</summary>
    public async Task<RevokeAnswer> ByIdAsync(Application application, IReadOnlyList<JsonElement> named, IPAddress? caller, CancellationToken cancellationToken)
    {
        // No session has the empty id.
        List<Guid> ids = [.. named.Select(name => name.TryGetGuid(out var id) ? id : Guid.Empty)];
        var own = await sessions.WithIdsAsync(application, [.. ids.Distinct()], cancellationToken);
        var ended = await revocation.RevokeSessionsAsync(application, own, caller, cancellationToken);
        var known = named.Zip(ids).ToLookup(pair => own.Contains(pair.Second), pair => pair.First);
        return new RevokeAnswer(named.Count, ended.Count, [.. known[true]], [.. known[false].Select(name => (name, Unknown))]);
    }

    /// <summary>
    /// Ends the sessions that the user has at this moment, the oldest first, in small transactions. They are found before the first of them ends: whoever signs in after that, even
    /// before the last has ended, stays.
    /// </summary>
    public async Task<RevokeAnswer> OfUserAsync(Application application, RevokedUser user, IPAddress? caller, CancellationToken cancellationToken)
    {
        var found = await sessions.OfUserAsync(application, user.UniqueKey, user.Place, MostOfUser + 1, cancellationToken);
        await recent.AnnounceAsync(application.Id, cancellationToken);
        var ended = await revocation.RevokeSessionsAsync(application, [.. found.Take(MostOfUser)], caller, cancellationToken);
        return new RevokeAnswer(ended.Count, ended.Count, [.. ended.Select(session => JsonElement.Parse($"\"{session.Id}\""))], []) { Remaining = found.Count > MostOfUser };
    }
}
