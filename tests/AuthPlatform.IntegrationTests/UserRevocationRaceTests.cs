using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using AuthPlatform.Data.Auth;
using AuthPlatform.IntegrationTests.Infrastructure;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using StackExchange.Redis;

namespace AuthPlatform.IntegrationTests;

/// <summary>A user who is signed out while they sign in and refresh everywhere, on two replicas. No answer here may be a 500.</summary>
public sealed class UserRevocationRaceTests(AuthPlatformFixture platform)
{
    private const int Devices = 20;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Revoke_AUserWhoSignsInAndRefreshesMeanwhile_EndsAllThatStoodBefore()
    {
        var application = await platform.CreateApplicationAsync(a => a.MaxSessionsPerUser = 100, Cancellation);
        var user = SignedRequests.NewUser();
        var body = new JsonObject { ["unique_key"] = user }.ToJsonString();
        var before = await ManyAsync(Devices, i => SendAsync(i, application, "/auth/token", SignedRequests.TokenBody(user, $"before {i}")));
        Assert.All(before, answer => Assert.Equal(HttpStatusCode.OK, answer.Status));

        var (signingIn, refreshing, revoking) = (
            ManyAsync(Devices, i => SendAsync(i, application, "/auth/token", SignedRequests.TokenBody(user, $"meanwhile {i}"))),
            ManyAsync(Devices, i => SendAsync(i, application, "/auth/refresh", SignedRequests.VerifyBody(before[i].Body.Text("refresh_token")))),
            ManyAsync(Devices / 2, i => SendAsync(i, application, "/auth/revoke", body)));
        var (signedIn, refreshed, revoked) = (await signingIn, await refreshing, await revoking);

        Assert.All(signedIn.Concat(revoked), answer => Assert.Equal(HttpStatusCode.OK, answer.Status));
        Assert.All(refreshed, answer => Assert.True(answer.Status is HttpStatusCode.OK or HttpStatusCode.Unauthorized, $"{answer.Status}"));
        var ended = revoked.SelectMany(answer => answer.Body.GetProperty("success").EnumerateArray().Select(id => id.GetString())).ToList();
        Assert.Equal(ended.Count, ended.Distinct().Count());
        foreach (var (_, pair) in before.Concat(refreshed.Where(answer => answer.Status == HttpStatusCode.OK)))
        {
            Assert.Equal([HttpStatusCode.Unauthorized, HttpStatusCode.Unauthorized], await VerifyEverywhereAsync(application, pair));
            Assert.Equal(HttpStatusCode.Unauthorized, (await platform.TryRefreshAsync(application, pair.Text("refresh_token"), Cancellation)).Status);
        }

        // Those who signed in meanwhile came before a revocation or after it: whoever still has a session is let in, and nobody else.
        await using var database = await platform.OpenAuthDatabaseAsync(Cancellation);
        var standing = await database.Sessions.Where(session => session.UniqueKey == user).Select(session => session.Id).ToListAsync(Cancellation);
        foreach (var (_, pair) in signedIn)
        {
            var expected = standing.Contains(Guid.Parse(pair.Text("session_id"))) ? HttpStatusCode.OK : HttpStatusCode.Unauthorized;
            Assert.Equal([expected, expected], await VerifyEverywhereAsync(application, pair));
        }
    }

    /// <summary>The lock that a sign-in holds while it is written, here held by somebody else: what it writes is not missed.</summary>
    [Fact]
    public async Task Revoke_AUserWhoseSignInIsJustBeingWritten_WaitsForIt()
    {
        var application = await platform.CreateApplicationAsync(_ => { }, Cancellation);
        var (user, session) = (SignedRequests.NewUser(), Guid.CreateVersion7());
        await using var database = await platform.OpenAuthDatabaseAsync(Cancellation);
        await using var transaction = await database.Database.BeginTransactionAsync(Cancellation);
        var applicationId = await database.Applications.Where(a => a.ClientId == application.ClientId).Select(a => a.Id).SingleAsync(Cancellation);
        var name = $"{applicationId}/{user}";
        await database.Database.ExecuteSqlAsync($"SELECT pg_advisory_xact_lock(hashtextextended({name}, 0))", Cancellation);
        await database.Database.ExecuteSqlAsync(
            $"""
            INSERT INTO sessions (id, application_id, unique_key, device, device_hash, ip, key_id, created_at, refreshed_at, tokens_until, idle_expires_at, absolute_expires_at)
            VALUES ({session}, {applicationId}, {user}, '', sha256(''), '', 'kid', now(), now(), now(), now() + interval '1 day', now() + interval '1 day')
            """,
            Cancellation);

        var revoking = SendAsync(0, application, "/auth/revoke", new JsonObject { ["unique_key"] = user }.ToJsonString());
        await Eventually.TrueAsync(() => IsWaitedForAsync(name), Cancellation);
        await transaction.CommitAsync(Cancellation);

        var (status, answer) = await revoking;
        Assert.Equal((HttpStatusCode.OK, $"[\"{session}\"]"), (status, answer.Text("success")));
    }

    /// <summary>As after a call that was broken off before it could tell the others: whoever calls again, and finds nothing left to end, is not answered too early.</summary>
    [Fact]
    public async Task Revoke_AUserWhoseSessionsHaveJustEnded_SeesToItThatAllReplicasKnow()
    {
        var application = await platform.CreateApplicationAsync(_ => { }, Cancellation);
        var user = SignedRequests.NewUser();
        var issued = await platform.IssueAsync(application, user, Cancellation);
        var session = Guid.Parse(issued.Text("session_id"));
        await using var stores = await platform.BuildTokenApiAsync(TimeProvider.System, Cancellation);
        await using var database = await platform.OpenAuthDatabaseAsync(Cancellation);
        var applicationId = await database.Applications.Where(a => a.ClientId == application.ClientId).Select(a => a.Id).SingleAsync(Cancellation);
        await SessionEnding.EndAsync(stores.Services.GetRequiredService<NpgsqlDataSource>(), applicationId, [session], RevocationReasons.Revoked, TimeProvider.System.GetUtcNow(), Cancellation);

        var (status, answer) = await SendAsync(0, application, "/auth/revoke", new JsonObject { ["unique_key"] = user }.ToJsonString());

        Assert.Equal((HttpStatusCode.OK, "0"), (status, answer.Text("deleted_count")));
        Assert.True(await stores.Services.GetRequiredService<IConnectionMultiplexer>().GetDatabase().KeyExistsAsync(RevocationKeys.Of(session, null)));
        Assert.Equal([HttpStatusCode.Unauthorized, HttpStatusCode.Unauthorized], await VerifyEverywhereAsync(application, issued));
    }

    private async Task<bool> IsWaitedForAsync(string name)
    {
        await using var database = await platform.OpenAuthDatabaseAsync(Cancellation);
        return await database.Database.SqlQuery<bool>(
            $"""
            SELECT EXISTS (
                SELECT FROM pg_locks WHERE locktype = 'advisory' AND NOT granted AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
                    AND ((classid::bigint << 32) | objid::bigint) = hashtextextended({name}, 0)) AS "Value"
            """).SingleAsync(Cancellation);
    }

    private static Task<(HttpStatusCode Status, JsonElement Body)[]> ManyAsync(int count, Func<int, Task<(HttpStatusCode Status, JsonElement Body)>> send) =>
        Task.WhenAll(Enumerable.Range(0, count).Select(send));

    private Task<(HttpStatusCode Status, JsonElement Body)> SendAsync(int replica, TestApplication application, string path, string body) =>
        AuthPlatformFixture.SendFreshAsync(platform.TokenApis[replica % platform.TokenApis.Count], () => SignedRequests.V2(application, path, body), Cancellation);

    private async Task<List<HttpStatusCode>> VerifyEverywhereAsync(TestApplication application, JsonElement pair)
    {
        var answers = await ManyAsync(2, replica => SendAsync(replica, application, "/auth/verify", SignedRequests.VerifyBody(pair.Text("access_token"))));
        return [.. answers.Select(answer => answer.Status)];
    }
}
