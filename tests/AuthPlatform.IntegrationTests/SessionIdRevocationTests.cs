using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using AuthPlatform.IntegrationTests.Infrastructure;
using Microsoft.EntityFrameworkCore;

namespace AuthPlatform.IntegrationTests;

/// <summary>What <c>/auth/revoke</c> does with ids of sessions, and with requests that do not say one thing.</summary>
public sealed class SessionIdRevocationTests(AuthPlatformFixture platform)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Revoke_ASession_EndsItAndSucceedsAgain()
    {
        var issued = await platform.IssueAsync(platform.Bootstrap, SignedRequests.NewUser(), Cancellation);
        var id = issued.Text("session_id");

        var first = await RevokeAsync(platform.Bootstrap, id);
        var second = await RevokeAsync(platform.Bootstrap, id);

        Assert.Equal(("True", "1", "1"), (first.Text("revoked"), first.Text("total_count"), first.Text("deleted_count")));
        Assert.Equal(("True", "1", "0"), (second.Text("revoked"), second.Text("total_count"), second.Text("deleted_count")));
        Assert.All(new[] { first, second }, answer => Assert.Equal(($"[\"{id}\"]", "[]"), (answer.Text("success"), answer.Text("failed"))));
        Assert.False(first.TryGetProperty("remaining", out _));
        Assert.Equal(HttpStatusCode.Unauthorized, (await platform.VerifyAsync(platform.Bootstrap, issued.Text("access_token"), Cancellation)).Status);
        var (status, problem) = await platform.TryRefreshAsync(platform.Bootstrap, issued.Text("refresh_token"), Cancellation);
        Assert.Equal((HttpStatusCode.Unauthorized, "invalid_grant"), (status, problem.Text("error")));
    }

    [Fact]
    public async Task Revoke_AListOfSessions_SaysForEachWhatBecameOfIt()
    {
        var other = await platform.CreateApplicationAsync(_ => { }, Cancellation);
        var foreign = await platform.IssueAsync(other, SignedRequests.NewUser(), Cancellation);
        var first = (await platform.IssueAsync(platform.Bootstrap, SignedRequests.NewUser(), Cancellation)).Text("session_id");
        var second = (await platform.IssueAsync(platform.Bootstrap, SignedRequests.NewUser(), Cancellation)).Text("session_id");
        string[] strange = [foreign.Text("session_id"), $"{Guid.CreateVersion7()}", "no-id", "", $"{{{second}}}", $"{Guid.Empty}"];

        var answer = await RevokeAsync(platform.Bootstrap, new JsonArray([first, null, second, first.ToUpperInvariant(), second, .. strange.Select(id => (JsonNode)id)]));

        Assert.Equal(("True", "10", "2"), (answer.Text("revoked"), answer.Text("total_count"), answer.Text("deleted_count")));
        Assert.Equal([first, second, first.ToUpperInvariant(), second], answer.GetProperty("success").EnumerateArray().Select(id => id.GetString()));
        Assert.Equal(strange.Select(id => (id, "Unknown session")), answer.GetProperty("failed").EnumerateArray().Select(f => (f.Text("token"), f.Text("error"))));
        Assert.Equal(HttpStatusCode.OK, (await platform.VerifyAsync(other, foreign.Text("access_token"), Cancellation)).Status);
    }

    [Fact]
    public async Task Revoke_OnlyStrangeSessions_RevokesNothing()
    {
        var answer = await RevokeAsync(platform.Bootstrap, $"{Guid.CreateVersion7()}");

        Assert.Equal(("False", "1", "0", "[]"), (answer.Text("revoked"), answer.Text("total_count"), answer.Text("deleted_count"), answer.Text("success")));
    }

    /// <summary>Another session has just moved into its place: its access token would live on for a grace, which its own application may end, and no other.</summary>
    [Fact]
    public async Task Revoke_ASessionThatWasJustReplaced_EndsTheGraceForItsApplicationOnly()
    {
        var other = await platform.CreateApplicationAsync(_ => { }, Cancellation);
        var user = SignedRequests.NewUser();
        var (_, replaced) = await platform.SendSignedAsync(platform.Bootstrap, "/auth/token", () => SignedRequests.TokenBody(user, "tablet"), Cancellation);
        var (_, moving) = await platform.SendSignedAsync(platform.Bootstrap, "/auth/token", () => SignedRequests.TokenBody(user, "phone"), Cancellation);
        var move = new JsonObject { ["token"] = moving.Text("refresh_token"), ["device"] = "tablet" }.ToJsonString();
        await platform.SendSignedAsync(platform.Bootstrap, "/auth/refresh", () => move, Cancellation);
        var id = Guid.Parse(replaced.Text("session_id"));
        await using var database = await platform.OpenAuthDatabaseAsync(Cancellation);

        Assert.Equal("False", (await RevokeAsync(other, $"{id}")).Text("revoked"));
        Assert.Equal(1, await database.Revocations.CountAsync(r => r.RevokedId == id && r.Generation == null, Cancellation));

        Assert.Equal("True", (await RevokeAsync(platform.Bootstrap, $"{id}")).Text("revoked"));
        Assert.Equal(HttpStatusCode.Unauthorized, (await platform.VerifyAsync(platform.Bootstrap, replaced.Text("access_token"), Cancellation)).Status);
    }

    /// <summary>It ends the same session once, however often it comes.</summary>
    [Fact]
    public async Task Revoke_ASessionByTheSameV1RequestTwice_IsAnsweredTwice()
    {
        var application = await platform.CreateApplicationAsync(a => a.MinimumSignatureVersion = 1, Cancellation);
        var issued = await platform.IssueAsync(application, SignedRequests.NewUser(), Cancellation);
        var body = new JsonObject { ["session_id"] = issued.Text("session_id"), ["timestamp"] = SignedRequests.Now() }.ToJsonString();

        for (var time = 0; time < 2; time++)
        {
            var (status, answer) = await platform.SendFreshAsync(() => SignedRequests.V1(application, "/auth/revoke", body), Cancellation);
            Assert.Equal((HttpStatusCode.OK, "True"), (status, answer.Text("revoked")));
        }

        Assert.Equal(HttpStatusCode.Unauthorized, (await platform.VerifyAsync(application, issued.Text("access_token"), Cancellation)).Status);
    }

    [Theory]
    [InlineData("token", "session_id")]
    [InlineData("token", "unique_key")]
    [InlineData("session_id", "unique_key")]
    public async Task Revoke_BySeveralNamesAtOnce_IsRefusedAndEndsNothing(string one, string another)
    {
        var user = SignedRequests.NewUser();
        var issued = await platform.IssueAsync(platform.Bootstrap, user, Cancellation);
        var names = new Dictionary<string, string> { ["token"] = issued.Text("refresh_token"), ["session_id"] = issued.Text("session_id"), ["unique_key"] = user };
        var body = new JsonObject { [one] = names[one], [another] = names[another] }.ToJsonString();

        await AssertRefusedAsync(body, "Give one of token, session_id and unique_key, not several");
        Assert.Equal(HttpStatusCode.OK, (await platform.VerifyAsync(platform.Bootstrap, issued.Text("access_token"), Cancellation)).Status);
    }

    [Theory]
    [InlineData("""{"session_id":null,"unique_key":null}""", "Missing or invalid 'token' field")]
    [InlineData("""{"session_id":"a\u0000b"}""", "Invalid JSON body")]
    [InlineData("""{"session_id":"a","session_id":"b"}""", "Invalid JSON body")]
    [InlineData("""{"unique_key":"a\u0000b"}""", "Invalid JSON body")]
    [InlineData("""{"unique_key":"\ud800"}""", "Invalid JSON body")]
    public Task Revoke_ByAWrongName_IsRefused(string body, string detail) => AssertRefusedAsync(body, detail);

    private async Task AssertRefusedAsync(string body, string detail)
    {
        var (status, problem) = await platform.SendSignedAsync(platform.Bootstrap, "/auth/revoke", () => body, Cancellation);
        Assert.Equal((HttpStatusCode.BadRequest, detail), (status, problem.Text("detail")));
    }

    private async Task<JsonElement> RevokeAsync(TestApplication application, JsonNode sessionId)
    {
        var body = new JsonObject { ["session_id"] = sessionId }.ToJsonString();
        var (status, answer) = await platform.SendSignedAsync(application, "/auth/revoke", () => body, Cancellation);
        Assert.Equal(HttpStatusCode.OK, status);
        return answer;
    }
}
