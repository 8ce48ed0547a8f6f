using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using AuthPlatform.Data.Auth;
using AuthPlatform.IntegrationTests.Infrastructure;
using AuthPlatform.IntegrationTests.RevocationFeed;
using AuthPlatform.TokenApi.Tokens;
using Microsoft.EntityFrameworkCore;

namespace AuthPlatform.IntegrationTests;

/// <summary>Users who are signed out by an application that keeps none of their tokens: <c>/auth/revoke</c> with <c>unique_key</c>.</summary>
public sealed class UserRevocationTests(AuthPlatformFixture platform)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Revoke_AUser_EndsTheirSessionsOfThisApplicationOnEveryReplica()
    {
        var application = await platform.CreateApplicationAsync(_ => { }, Cancellation);
        var other = await platform.CreateApplicationAsync(_ => { }, Cancellation);
        var user = SignedRequests.NewUser();
        var sessions = await SignInEverywhereAsync(application, user);
        var stranger = await SignInAsync(application, SignedRequests.NewUser(), "phone");
        var elsewhere = await SignInAsync(other, user, "phone");

        var answer = await RevokeAsync(application, user);

        Assert.Equal(("True", "3", "3"), (answer.Text("revoked"), answer.Text("total_count"), answer.Text("deleted_count")));
        Assert.Equal(("[]", "False"), (answer.Text("failed"), answer.Text("remaining")));
        Assert.Equal(Ids(sessions), Success(answer));
        foreach (var session in sessions)
        {
            foreach (var replica in platform.TokenApis)
            {
                Assert.Equal(HttpStatusCode.Unauthorized, await VerifyAsync(replica, application, session));
            }

            var (status, problem) = await platform.TryRefreshAsync(application, session.Text("refresh_token"), Cancellation);
            Assert.Equal((HttpStatusCode.Unauthorized, "invalid_grant"), (status, problem.Text("error")));
        }

        Assert.Equal(HttpStatusCode.OK, await VerifyAsync(platform.Gateway, application, stranger));
        Assert.Equal(HttpStatusCode.OK, await VerifyAsync(platform.Gateway, other, elsewhere));
        await platform.RefreshAsync(application, stranger.Text("refresh_token"), Cancellation);
        await platform.RefreshAsync(other, elsewhere.Text("refresh_token"), Cancellation);
    }

    [Fact]
    public async Task Revoke_AUser_IsInTheFeedAndTheAudit()
    {
        var application = await platform.CreateApplicationAsync(_ => { }, Cancellation);
        var user = SignedRequests.NewUser();
        var sessions = await SignInEverywhereAsync(application, user);

        await RevokeAsync(application, user);

        var page = await platform.ReadFeedUntilAsync(application, "", count: 3, Cancellation);
        var told = page.GetProperty("revocations").EnumerateArray().ToList();
        Assert.All(told, revocation => Assert.Equal("revoked", revocation.Text("reason")));
        Assert.Equal(Ids(sessions), told.Select(revocation => revocation.Text("sid")).Order(StringComparer.Ordinal));
        List<AuditEvent> events = [];
        await Eventually.TrueAsync(
            async () =>
            {
                await using var database = await platform.OpenAuthDatabaseAsync(Cancellation);
                events = await database.AuditEvents.Where(e => e.ClientId == application.ClientId && e.Kind == AuditKinds.Revoked).ToListAsync(Cancellation);
                return events.Count >= 3;
            },
            Cancellation);
        Assert.All(events, e => Assert.Equal(user, e.UniqueKey));
        Assert.Equal(Ids(sessions), events.Select(e => $"{e.SessionId}").Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("phone", "", 0, 1)]
    [InlineData("phone", "203.0.113.2", 1)]
    [InlineData("", "203.0.113.1", 0, 2)]
    [InlineData("", "::ffff:203.0.113.1", 0, 2)]
    [InlineData("", "", 0, 1, 2, 3)]
    public async Task Revoke_AUserInOnePlace_EndsWhatStandsThere(string device, string ip, params int[] expected)
    {
        var user = SignedRequests.NewUser();
        var sessions = new List<JsonElement>();
        foreach (var (onDevice, atIp) in new[] { ("phone", "203.0.113.1"), ("phone", "203.0.113.2"), ("tablet", "203.0.113.1"), ("", "") })
        {
            sessions.Add(await SignInAsync(platform.Bootstrap, user, onDevice, atIp));
        }

        var answer = await RevokeAsync(platform.Bootstrap, user, device, ip);

        Assert.Equal(Ids(expected.Select(number => sessions[number])), Success(answer));
        for (var number = 0; number < sessions.Count; number++)
        {
            var isOver = expected.Contains(number);
            Assert.Equal(isOver ? HttpStatusCode.Unauthorized : HttpStatusCode.OK, await VerifyAsync(platform.Gateway, platform.Bootstrap, sessions[number]));
        }
    }

    [Fact]
    public async Task Revoke_AUserOnADevice_MeansWhereASessionHasMoved()
    {
        var user = SignedRequests.NewUser();
        var issued = await SignInAsync(platform.Bootstrap, user, "phone");
        var move = new JsonObject { ["token"] = issued.Text("refresh_token"), ["device"] = "tablet" }.ToJsonString();
        var (moved, _) = await platform.SendSignedAsync(platform.Bootstrap, "/auth/refresh", () => move, Cancellation);
        Assert.Equal(HttpStatusCode.OK, moved);

        Assert.Equal("0", (await RevokeAsync(platform.Bootstrap, user, "phone")).Text("deleted_count"));
        Assert.Equal("1", (await RevokeAsync(platform.Bootstrap, user, "tablet")).Text("deleted_count"));
    }

    [Fact]
    public async Task Revoke_AUserAtAnAddressOfWhichTheNetworkIsKept_EndsWhatStandsInTheNetwork()
    {
        var application = await platform.CreateApplicationAsync(a => a.IpHandling = IpHandlings.Truncate, Cancellation);
        var user = SignedRequests.NewUser();
        var near = await SignInAsync(application, user, "phone", "203.0.113.77");
        await SignInAsync(application, user, "phone", "198.51.100.77");

        var answer = await RevokeAsync(application, user, ip: "203.0.113.9");

        Assert.Equal(Ids([near]), Success(answer));
    }

    [Fact]
    public async Task Revoke_AUserWithoutSessions_EndsNothing()
    {
        var answer = await RevokeAsync(platform.Bootstrap, SignedRequests.NewUser());

        Assert.Equal(("False", "0", "0"), (answer.Text("revoked"), answer.Text("total_count"), answer.Text("deleted_count")));
        Assert.Equal(("[]", "[]", "False"), (answer.Text("success"), answer.Text("failed"), answer.Text("remaining")));
    }

    /// <summary>Version 1 does not say for which endpoint: whoever held up the request that was to sign the user in could sign the user out with it.</summary>
    [Fact]
    public async Task Revoke_AUserByWhatWasSignedToSignIn_IsRefused()
    {
        var application = await platform.CreateApplicationAsync(a => a.MinimumSignatureVersion = 1, Cancellation);
        var user = SignedRequests.NewUser();
        var signedIn = await SignInAsync(application, user, "phone");

        var (status, problem) = await platform.SendFreshAsync(() => SignedRequests.V1(application, "/auth/revoke", SignedRequests.TokenBody(user)), Cancellation);

        Assert.Equal((HttpStatusCode.Unauthorized, "signature_version_too_old"), (status, problem.Text("code")));
        Assert.Equal(HttpStatusCode.OK, await VerifyAsync(platform.Gateway, application, signedIn));
    }

    /// <summary>An import may bring so many. Their tokens have died, so that there is nothing to be told to others.</summary>
    [Fact]
    public async Task Revoke_AUserWithMoreSessionsThanOneCallEnds_SaysThatSomeRemain()
    {
        var application = await platform.CreateApplicationAsync(_ => { }, Cancellation);
        await using var database = await platform.OpenAuthDatabaseAsync(Cancellation);
        var (user, status, first) = ("", HttpStatusCode.ServiceUnavailable, default(JsonElement));
        // A call that was broken off has ended some of them: another user's are counted then.
        while (status == HttpStatusCode.ServiceUnavailable)
        {
            user = SignedRequests.NewUser();
            await ImportAsync(RevokeSessions.MostOfUser + 1);
            (status, first) = await platform.SendAsync(SignedRequests.V2(application, "/auth/revoke", new JsonObject { ["unique_key"] = user }.ToJsonString()), Cancellation);
        }

        var second = await RevokeAsync(application, user);

        Assert.Equal(($"{RevokeSessions.MostOfUser}", "True"), (first.Text("deleted_count"), first.Text("remaining")));
        Assert.Equal(("1", "False"), (second.Text("deleted_count"), second.Text("remaining")));

        Task ImportAsync(int count) => database.Database.ExecuteSqlAsync(
            $"""
            INSERT INTO sessions (id, application_id, unique_key, device, device_hash, ip, key_id, generation, created_at, refreshed_at, tokens_until, idle_expires_at, absolute_expires_at, sweep_at)
            SELECT gen_random_uuid(), a.id, {user}, 'device ' || n, sha256(convert_to('device ' || n, 'UTF8')), '', 'kid', 0, now(), now(), now() - interval '1 hour',
                now() + interval '1 day', now() + interval '1 day', now() + interval '1 day'
            FROM applications AS a CROSS JOIN generate_series(1, {count}) AS n WHERE a.client_id = {application.ClientId}
            """,
            Cancellation);
    }

    private static string[] Ids(IEnumerable<JsonElement> sessions) => [.. sessions.Select(session => session.Text("session_id")).Order(StringComparer.Ordinal)];

    private static IEnumerable<string> Success(JsonElement answer) => answer.GetProperty("success").EnumerateArray().Select(id => id.GetString()!).Order(StringComparer.Ordinal);

    private async Task<JsonElement[]> SignInEverywhereAsync(TestApplication application, string user) =>
        [await SignInAsync(application, user, "phone"), await SignInAsync(application, user, "tablet"), await SignInAsync(application, user, "laptop")];

    private async Task<JsonElement> SignInAsync(TestApplication application, string user, string device, string ip = "")
    {
        var (status, issued) = await platform.SendSignedAsync(application, "/auth/token", () => SignedRequests.TokenBody(user, device, ip), Cancellation);
        Assert.Equal(HttpStatusCode.OK, status);
        return issued;
    }

    private async Task<JsonElement> RevokeAsync(TestApplication application, string user, string device = "", string ip = "")
    {
        var body = new JsonObject { ["unique_key"] = user, ["device"] = device, ["ip"] = ip }.ToJsonString();
        var (status, answer) = await platform.SendSignedAsync(application, "/auth/revoke", () => body, Cancellation);
        Assert.Equal(HttpStatusCode.OK, status);
        return answer;
    }

    private static async Task<HttpStatusCode> VerifyAsync(HttpClient client, TestApplication application, JsonElement session) =>
        (await AuthPlatformFixture.SendFreshAsync(
            client, () => SignedRequests.V2(application, "/auth/verify", SignedRequests.VerifyBody(session.Text("access_token"))), Cancellation)).Status;
}
