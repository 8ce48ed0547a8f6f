using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using AuthPlatform.Data.Auth;
using AuthPlatform.IntegrationTests.Infrastructure;
using Microsoft.EntityFrameworkCore;

namespace AuthPlatform.IntegrationTests;

/// <summary>A session's way from refresh to refresh.</summary>
public sealed class RefreshTests(AuthPlatformFixture platform)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(RefreshFormats.Opaque)]
    [InlineData(RefreshFormats.Jwt)]
    public async Task Refresh_WithTheCurrentToken_GivesTheNextPairWithTheSameClaims(string format)
    {
        var application = await platform.CreateApplicationAsync(a => a.RefreshFormat = format, Cancellation);
        var user = SignedRequests.NewUser();
        var body = $$$"""{"unique_key":"{{{user}}}","scope":"read","claims":{"roles":["editor"]}}""";
        var (_, issued) = await platform.SendSignedAsync(application, "/auth/token", () => body, Cancellation);

        var refreshed = await platform.RefreshAsync(application, issued.Text("refresh_token"), Cancellation);

        Assert.Equal(issued.Text("session_id"), refreshed.Text("session_id"));
        Assert.NotEqual(issued.Text("refresh_token"), refreshed.Text("refresh_token"));
        var (status, verified) = await platform.VerifyAsync(application, refreshed.Text("access_token"), Cancellation);
        Assert.Equal(HttpStatusCode.OK, status);
        var payload = verified.GetProperty("payload");
        Assert.Equal(("read", "editor", user, "1"), (payload.Text("scope"), payload.GetProperty("roles")[0].GetString(), payload.Text("unique_key"), payload.Text("gen")));
    }

    [Theory]
    [InlineData(RefreshFormats.Opaque)]
    [InlineData(RefreshFormats.Jwt)]
    public async Task Refresh_AgainWithinTheGrace_GivesTheSameSuccessor(string format)
    {
        var application = await platform.CreateApplicationAsync(a => a.RefreshFormat = format, Cancellation);
        var issued = await platform.IssueAsync(application, SignedRequests.NewUser(), Cancellation);
        var first = await platform.RefreshAsync(application, issued.Text("refresh_token"), Cancellation);
        var again = await platform.RefreshAsync(application, issued.Text("refresh_token"), Cancellation);

        Assert.Equal(first.Text("refresh_token"), again.Text("refresh_token"));
        Assert.Equal(HttpStatusCode.OK, (await platform.VerifyAsync(application, again.Text("access_token"), Cancellation)).Status);
    }

    [Fact]
    public async Task Refresh_WithATokenReplacedTwice_EndsTheSessionAndNoOther()
    {
        var user = SignedRequests.NewUser();
        var other = await IssueAtAsync(platform.Bootstrap, user, "other device");
        var issued = await platform.IssueAsync(platform.Bootstrap, user, Cancellation);
        var first = await platform.RefreshAsync(platform.Bootstrap, issued.Text("refresh_token"), Cancellation);
        var second = await platform.RefreshAsync(platform.Bootstrap, first.Text("refresh_token"), Cancellation);

        var (status, problem) = await platform.TryRefreshAsync(platform.Bootstrap, issued.Text("refresh_token"), Cancellation);

        Assert.Equal((HttpStatusCode.Unauthorized, "invalid_grant", "refresh_token_reused"), (status, problem.Text("error"), problem.Text("code")));
        Assert.Equal(HttpStatusCode.Unauthorized, (await platform.TryRefreshAsync(platform.Bootstrap, second.Text("refresh_token"), Cancellation)).Status);
        Assert.Equal(HttpStatusCode.Unauthorized, (await platform.VerifyAsync(platform.Bootstrap, second.Text("access_token"), Cancellation)).Status);
        Assert.Equal(HttpStatusCode.OK, (await platform.VerifyAsync(platform.Bootstrap, other.Text("access_token"), Cancellation)).Status);
        await using var database = await platform.OpenAuthDatabaseAsync(Cancellation);
        var session = Guid.Parse(issued.Text("session_id"));
        Assert.Equal(RevocationReasons.RefreshReuse, await database.Revocations.Where(r => r.RevokedId == session && r.Generation == null).Select(r => r.Reason).SingleAsync(Cancellation));
        Assert.False(await database.Sessions.AnyAsync(s => s.Id == session, Cancellation));
    }

    [Fact]
    public async Task Refresh_ThirtyOneSecondsAfterItsTokenWasReplaced_EndsTheSession()
    {
        var issued = await platform.IssueAsync(platform.Bootstrap, SignedRequests.NewUser(), Cancellation);
        await platform.RefreshAsync(platform.Bootstrap, issued.Text("refresh_token"), Cancellation);
        await platform.AgeSessionAsync(issued.Text("session_id"), seconds: 31, Cancellation);

        var (status, problem) = await platform.TryRefreshAsync(platform.Bootstrap, issued.Text("refresh_token"), Cancellation);

        Assert.Equal((HttpStatusCode.Unauthorized, "invalid_grant"), (status, problem.Text("error")));
    }

    [Fact]
    public async Task Refresh_AfterItsIdleTime_IsExpired()
    {
        var issued = await platform.IssueAsync(platform.Bootstrap, SignedRequests.NewUser(), Cancellation);
        await platform.AgeSessionAsync(issued.Text("session_id"), seconds: (7 * 86_400) + 1, Cancellation);

        var (status, problem) = await platform.TryRefreshAsync(platform.Bootstrap, issued.Text("refresh_token"), Cancellation);

        Assert.Equal((HttpStatusCode.Unauthorized, "invalid_grant", "Token expired"), (status, problem.Text("error"), problem.Text("detail")));
    }

    [Fact]
    public async Task Refresh_NearTheAbsoluteEnd_GivesNoTokenBeyondIt()
    {
        var application = await platform.CreateApplicationAsync(a => (a.RefreshAbsoluteSeconds, a.RefreshIdleSeconds) = (1000, 900), Cancellation);
        var issued = await platform.IssueAsync(application, SignedRequests.NewUser(), Cancellation);
        Assert.InRange(issued.GetProperty("refresh_expires_in").GetInt32(), 890, 900);
        await platform.AgeSessionAsync(issued.Text("session_id"), seconds: 850, Cancellation);

        var refreshed = await platform.RefreshAsync(application, issued.Text("refresh_token"), Cancellation);

        Assert.InRange(refreshed.GetProperty("refresh_expires_in").GetInt32(), 100, 150);
        Assert.InRange(refreshed.GetProperty("expires_in").GetInt32(), 100, 150);
    }

    [Fact]
    public async Task AccessToken_AfterARefresh_VerifiesForTheGraceAndNotLonger()
    {
        var issued = await platform.IssueAsync(platform.Bootstrap, SignedRequests.NewUser(), Cancellation);
        await platform.RefreshAsync(platform.Bootstrap, issued.Text("refresh_token"), Cancellation);
        Assert.Equal(HttpStatusCode.OK, (await platform.VerifyAsync(platform.Bootstrap, issued.Text("access_token"), Cancellation)).Status);

        await platform.AgeSessionAsync(issued.Text("session_id"), seconds: 31, Cancellation);

        Assert.Equal(HttpStatusCode.Unauthorized, (await platform.VerifyAsync(platform.Bootstrap, issued.Text("access_token"), Cancellation)).Status);
    }

    [Fact]
    public async Task Refresh_WithAnotherDevice_MovesTheSessionAndEndsTheOneThatStoodThere()
    {
        var user = SignedRequests.NewUser();
        var standing = await IssueAtAsync(platform.Bootstrap, user, "tablet");
        var moving = await IssueAtAsync(platform.Bootstrap, user, "phone");

        var body = new JsonObject { ["token"] = moving.Text("refresh_token"), ["device"] = "tablet" }.ToJsonString();
        var (status, moved) = await platform.SendSignedAsync(platform.Bootstrap, "/auth/refresh", () => body, Cancellation);

        Assert.Equal((HttpStatusCode.OK, moving.Text("session_id")), (status, moved.Text("session_id")));
        Assert.Equal(HttpStatusCode.Unauthorized, (await platform.TryRefreshAsync(platform.Bootstrap, standing.Text("refresh_token"), Cancellation)).Status);
        await using var database = await platform.OpenAuthDatabaseAsync(Cancellation);
        var devices = await database.Sessions.Where(s => s.UniqueKey == user).Select(s => s.Device).ToListAsync(Cancellation);
        Assert.Equal(["tablet"], devices);
        // Both old access tokens live on for the grace, and no longer.
        foreach (var old in new[] { standing, moving })
        {
            Assert.Equal(HttpStatusCode.OK, (await platform.VerifyAsync(platform.Bootstrap, old.Text("access_token"), Cancellation)).Status);
            await platform.AgeSessionAsync(old.Text("session_id"), seconds: 31, Cancellation);
            Assert.Equal(HttpStatusCode.Unauthorized, (await platform.VerifyAsync(platform.Bootstrap, old.Text("access_token"), Cancellation)).Status);
        }
    }

    [Fact]
    public async Task Refresh_WithAnotherDevice_EndsNobodyWhoStandsThereInAnotherApplication()
    {
        var user = SignedRequests.NewUser();
        var other = await platform.CreateApplicationAsync(_ => { }, Cancellation);
        var standing = await IssueAtAsync(other, user, "tablet");
        var moving = await IssueAtAsync(platform.Bootstrap, user, "phone");

        var body = new JsonObject { ["token"] = moving.Text("refresh_token"), ["device"] = "tablet" }.ToJsonString();
        var (status, _) = await platform.SendSignedAsync(platform.Bootstrap, "/auth/refresh", () => body, Cancellation);

        Assert.Equal(HttpStatusCode.OK, status);
        await platform.RefreshAsync(other, standing.Text("refresh_token"), Cancellation);
    }

    /// <summary>One that moved to nowhere would meet the user's others there, and end them.</summary>
    [Fact]
    public async Task Refresh_WithoutAPlace_LeavesTheSessionWhereItIs()
    {
        var user = SignedRequests.NewUser();
        (string, string)[] places = [("phone", "203.0.113.7"), ("tablet", "2001:db8::1")];
        var tokens = new List<string>();
        foreach (var (device, ip) in places)
        {
            var issued = await IssueAtAsync(platform.Bootstrap, user, device, ip);
            tokens.Add((await platform.RefreshAsync(platform.Bootstrap, issued.Text("refresh_token"), Cancellation)).Text("access_token"));
        }

        foreach (var token in tokens)
        {
            Assert.Equal(HttpStatusCode.OK, (await platform.VerifyAsync(platform.Bootstrap, token, Cancellation)).Status);
        }

        await using var database = await platform.OpenAuthDatabaseAsync(Cancellation);
        var sessions = await database.Sessions.Where(s => s.UniqueKey == user).OrderBy(s => s.Device).ToListAsync(Cancellation);
        Assert.Equal(places, sessions.Select(s => (s.Device, s.Ip)));
    }

    [Fact]
    public async Task Refresh_WithTokensThatAreNoneOfItsOwn_IsRefused()
    {
        var other = await platform.CreateApplicationAsync(_ => { }, Cancellation);
        var foreign = await platform.IssueAsync(other, SignedRequests.NewUser(), Cancellation);
        var own = await platform.IssueAsync(platform.Bootstrap, SignedRequests.NewUser(), Cancellation);
        var token = own.Text("refresh_token");
        var cases = new[]
        {
            (foreign.Text("refresh_token"), "Invalid token"), (own.Text("access_token"), "Invalid token type"), (token[..^1], "Invalid token"), (token + "A", "Invalid token"),
            (token[..^1] + (token[^1] == 'A' ? 'B' : 'A'), "Invalid token"), ("rt_" + new string('A', 70), "Invalid token"), ("rt_", "Invalid token"), (new string('x', 9000), "Invalid token"),
        };
        foreach (var (presented, detail) in cases)
        {
            var (status, problem) = await platform.TryRefreshAsync(platform.Bootstrap, presented, Cancellation);
            Assert.Equal((HttpStatusCode.Unauthorized, "invalid_grant", detail), (status, problem.Text("error"), problem.Text("detail")));
        }
    }

    private async Task<JsonElement> IssueAtAsync(TestApplication application, string user, string device, string ip = "")
    {
        var (status, issued) = await platform.SendSignedAsync(application, "/auth/token", () => SignedRequests.TokenBody(user, device, ip), Cancellation);
        Assert.Equal(HttpStatusCode.OK, status);
        return issued;
    }
}
