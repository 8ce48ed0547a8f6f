using System.Net;
using System.Text.Json;
using AuthPlatform.IntegrationTests.Infrastructure;
using Microsoft.EntityFrameworkCore;

namespace AuthPlatform.IntegrationTests;

/// <summary>Sessions while many do the same at once, on two replicas. No answer here may be a 500; what a crowded machine answers 503 is tried again, as clients do it.</summary>
public sealed class SessionRaceTests(AuthPlatformFixture platform)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Refresh_AHundredTimesAtOnce_MakesOneGenerationAndGivesAllTheSameToken()
    {
        var user = SignedRequests.NewUser();
        var other = await SendAsync(0, "/auth/token", SignedRequests.TokenBody(user, "other device"));
        var issued = await platform.IssueAsync(platform.Bootstrap, user, Cancellation);

        var answers = await Task.WhenAll(Enumerable.Range(0, 100).Select(i => SendAsync(i, "/auth/refresh", SignedRequests.VerifyBody(issued.Text("refresh_token")))));

        Assert.All(answers, a => Assert.Equal(HttpStatusCode.OK, a.Status));
        Assert.Single(answers.Select(a => a.Body.Text("refresh_token")).Distinct());
        var session = Guid.Parse(issued.Text("session_id"));
        await using (var database = await platform.OpenAuthDatabaseAsync(Cancellation))
        {
            Assert.Equal(1, await database.Sessions.Where(s => s.Id == session).Select(s => s.Generation).SingleAsync(Cancellation));
        }

        await platform.AgeSessionAsync(issued.Text("session_id"), seconds: 31, Cancellation);
        var (status, problem) = await SendAsync(0, "/auth/refresh", SignedRequests.VerifyBody(issued.Text("refresh_token")));
        Assert.Equal((HttpStatusCode.Unauthorized, "invalid_grant"), (status, problem.Text("error")));
        for (var replica = 0; replica < 2; replica++)
        {
            Assert.Equal(HttpStatusCode.Unauthorized, (await VerifyAsync(replica, answers[0].Body)).Status);
            Assert.Equal(HttpStatusCode.OK, (await VerifyAsync(replica, other.Body)).Status);
        }
    }

    [Fact]
    public async Task Token_SixtyFirstSignInsAtOnce_LeaveOneLiveSessionAndRevokeTheRest()
    {
        const int SignIns = 60;
        var body = SignedRequests.TokenBody(SignedRequests.NewUser(), "phone", "203.0.113.9");
        var issued = await Task.WhenAll(Enumerable.Range(0, SignIns).Select(i => SendAsync(i, "/auth/token", body)));
        Assert.All(issued, a => Assert.Equal(HttpStatusCode.OK, a.Status));

        var verified = await Task.WhenAll(issued.Select((a, i) => VerifyAsync(i, a.Body)));
        var refreshed = await Task.WhenAll(issued.Select((a, i) => SendAsync(i, "/auth/refresh", SignedRequests.VerifyBody(a.Body.Text("refresh_token")))));

        Assert.Equal((1, SignIns - 1), (verified.Count(a => a.Status == HttpStatusCode.OK), verified.Count(a => a.Status == HttpStatusCode.Unauthorized)));
        Assert.Equal((1, SignIns - 1), (refreshed.Count(a => a.Status == HttpStatusCode.OK), refreshed.Count(a => a.Status == HttpStatusCode.Unauthorized)));
        var sessions = issued.Select(a => Guid.Parse(a.Body.Text("session_id"))).ToList();
        await using var database = await platform.OpenAuthDatabaseAsync(Cancellation);
        Assert.Equal(
            (1, SignIns - 1),
            (await database.Sessions.CountAsync(s => sessions.Contains(s.Id), Cancellation), await database.Revocations.CountAsync(r => sessions.Contains(r.RevokedId) && r.Generation == null, Cancellation)));
    }

    [Fact]
    public async Task Verify_OnTheOtherReplicaAfterRevoke_IsRefusedEachOfAHundredAndTwentyTimes()
    {
        const int Lanes = 4;
        await Task.WhenAll(Enumerable.Range(0, Lanes).Select(async lane =>
        {
            var user = SignedRequests.NewUser();
            for (var i = 0; i < 120 / Lanes; i++)
            {
                var (status, issued) = await SendAsync(i, "/auth/token", SignedRequests.TokenBody(user));
                Assert.Equal(HttpStatusCode.OK, status);
                (status, _) = await SendAsync(lane, "/auth/revoke", SignedRequests.VerifyBody(issued.Text(i % 2 == 0 ? "access_token" : "refresh_token")));
                Assert.Equal(HttpStatusCode.OK, status);
                Assert.Equal(HttpStatusCode.Unauthorized, (await VerifyAsync(lane + 1, issued)).Status);
            }
        }));
    }

    [Fact]
    public async Task Refresh_TwoHundredTimes_LeavesOneRowForEachSession()
    {
        const int Sessions = 8, Refreshes = 25;
        var application = await platform.CreateApplicationAsync(_ => { }, Cancellation);
        await Task.WhenAll(Enumerable.Range(0, Sessions).Select(async lane =>
        {
            var token = (await platform.IssueAsync(application, $"user {lane}", Cancellation)).Text("refresh_token");
            for (var i = 0; i < Refreshes; i++)
            {
                var (status, refreshed) = await AuthPlatformFixture.SendFreshAsync(Replica(i), () => SignedRequests.V2(application, "/auth/refresh", SignedRequests.VerifyBody(token)), Cancellation);
                Assert.Equal(HttpStatusCode.OK, status);
                token = refreshed.Text("refresh_token");
            }
        }));

        await using var database = await platform.OpenAuthDatabaseAsync(Cancellation);
        var generations = await database.Sessions
            .Where(s => database.Applications.Any(a => a.Id == s.ApplicationId && a.ClientId == application.ClientId)).Select(s => s.Generation).ToListAsync(Cancellation);
        Assert.Equal(Enumerable.Repeat(Refreshes, Sessions), generations);
    }

    private HttpClient Replica(int number) => platform.TokenApis[number % platform.TokenApis.Count];

    private Task<(HttpStatusCode Status, JsonElement Body)> SendAsync(int replica, string path, string body) =>
        AuthPlatformFixture.SendFreshAsync(Replica(replica), () => SignedRequests.V2(platform.Bootstrap, path, body), Cancellation);

    private Task<(HttpStatusCode Status, JsonElement Body)> VerifyAsync(int replica, JsonElement issued) =>
        SendAsync(replica, "/auth/verify", SignedRequests.VerifyBody(issued.Text("access_token")));
}
