using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using AuthPlatform.Contracts;
using AuthPlatform.Data.Auth;
using AuthPlatform.IntegrationTests.Infrastructure;
using Microsoft.EntityFrameworkCore;
using StackExchange.Redis;

namespace AuthPlatform.IntegrationTests;

/// <summary>What <c>/auth/revoke</c> ends, and what it says of it.</summary>
public sealed class RevokeTests(AuthPlatformFixture platform)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("access_token")]
    [InlineData("refresh_token")]
    public async Task Revoke_OneToken_EndsItsSession(string which)
    {
        var issued = await platform.IssueAsync(platform.Bootstrap, SignedRequests.NewUser(), Cancellation);

        var answer = await RevokeAsync(issued.Text(which));

        Assert.Equal(("True", "1", "1"), (answer.Text("revoked"), answer.Text("total_count"), answer.Text("deleted_count")));
        Assert.Equal(issued.Text(which), answer.GetProperty("success")[0].GetString());
        Assert.Equal(HttpStatusCode.Unauthorized, (await platform.VerifyAsync(platform.Bootstrap, issued.Text("access_token"), Cancellation)).Status);
        var (status, problem) = await platform.TryRefreshAsync(platform.Bootstrap, issued.Text("refresh_token"), Cancellation);
        Assert.Equal((HttpStatusCode.Unauthorized, "invalid_grant"), (status, problem.Text("error")));
    }

    [Fact]
    public async Task Revoke_AList_SaysForEachTokenWhatBecameOfIt()
    {
        var other = await platform.CreateApplicationAsync(_ => { }, Cancellation);
        var foreign = await platform.IssueAsync(other, SignedRequests.NewUser(), Cancellation);
        var first = await platform.IssueAsync(platform.Bootstrap, SignedRequests.NewUser(), Cancellation);
        var second = await platform.IssueAsync(platform.Bootstrap, SignedRequests.NewUser(), Cancellation);

        var answer = await RevokeAsync(
            new JsonArray(first.Text("access_token"), null, first.Text("refresh_token"), second.Text("refresh_token"), "garbage", foreign.Text("access_token"), foreign.Text("refresh_token")));

        Assert.Equal(("True", "6", "2"), (answer.Text("revoked"), answer.Text("total_count"), answer.Text("deleted_count")));
        Assert.Equal(3, answer.GetProperty("success").GetArrayLength());
        Assert.Equal(
            [("garbage", "Invalid token"), (foreign.Text("access_token"), "Invalid token"), (foreign.Text("refresh_token"), "Invalid token")],
            answer.GetProperty("failed").EnumerateArray().Select(f => (f.Text("token"), f.Text("error"))));
        Assert.Equal(HttpStatusCode.OK, (await platform.VerifyAsync(other, foreign.Text("access_token"), Cancellation)).Status);
    }

    /// <summary>After a failover that has lost a refresh the session knows of an older token only, which is about to die.</summary>
    [Fact]
    public async Task Revoke_ATokenThatOutlivesWhatItsSessionKnows_IsRememberedUntilThatHasDied()
    {
        var issued = await platform.IssueAsync(platform.Bootstrap, SignedRequests.NewUser(), Cancellation);
        var payload = (await platform.VerifyAsync(platform.Bootstrap, issued.Text("access_token"), Cancellation)).Body.GetProperty("payload");
        var session = Guid.Parse(payload.Text("sid"));
        await using var database = await platform.OpenAuthDatabaseAsync(Cancellation);
        await database.Database.ExecuteSqlAsync($"UPDATE sessions SET tokens_until = now() - interval '2 minutes' WHERE id = {session}", Cancellation);

        await RevokeAsync(issued.Text("access_token"));

        var until = await database.Revocations.Where(r => r.RevokedId == session).MaxAsync(r => r.Until, Cancellation);
        Assert.True(until >= DateTimeOffset.FromUnixTimeSeconds(payload.GetProperty("exp").GetInt64()) + SessionEnding.ClockMargin);
        await platform.RevocationsCopiedAsync(Cancellation);
        await using var redis = await ConnectionMultiplexer.ConnectAsync((await platform.App.GetConnectionStringAsync(ResourceNames.Redis, Cancellation))!);
        Assert.True(await redis.GetDatabase().KeyTimeToLiveAsync(RevocationKeys.Of(session, null)) > SessionEnding.ClockMargin);
    }

    [Fact]
    public async Task Revoke_WhatHasEndedAlready_SucceedsAndEndsNothing()
    {
        var application = await platform.CreateApplicationAsync(a => a.RefreshFormat = RefreshFormats.Jwt, Cancellation);
        var issued = await platform.IssueAsync(application, SignedRequests.NewUser(), Cancellation);
        await RevokeAsync(application, issued.Text("refresh_token"));

        var answer = await RevokeAsync(application, new JsonArray(issued.Text("access_token"), issued.Text("refresh_token")));

        Assert.Equal(("True", "2", "0"), (answer.Text("revoked"), answer.GetProperty("success").GetArrayLength().ToString(System.Globalization.CultureInfo.InvariantCulture), answer.Text("deleted_count")));
    }

    /// <summary>Another session has just moved into its place: its access token would live on for a grace.</summary>
    [Theory]
    [InlineData("access_token")]
    [InlineData("refresh_token")]
    public async Task Revoke_ASessionThatWasJustReplaced_RefusesItsAccessTokenAtOnce(string which)
    {
        var user = SignedRequests.NewUser();
        var (_, replaced) = await platform.SendSignedAsync(platform.Bootstrap, "/auth/token", () => SignedRequests.TokenBody(user, "tablet"), Cancellation);
        var (_, moving) = await platform.SendSignedAsync(platform.Bootstrap, "/auth/token", () => SignedRequests.TokenBody(user, "phone"), Cancellation);
        var move = new JsonObject { ["token"] = moving.Text("refresh_token"), ["device"] = "tablet" }.ToJsonString();
        await platform.SendSignedAsync(platform.Bootstrap, "/auth/refresh", () => move, Cancellation);
        Assert.Equal(HttpStatusCode.OK, (await platform.VerifyAsync(platform.Bootstrap, replaced.Text("access_token"), Cancellation)).Status);

        await RevokeAsync(replaced.Text(which));

        Assert.Equal(HttpStatusCode.Unauthorized, (await platform.VerifyAsync(platform.Bootstrap, replaced.Text("access_token"), Cancellation)).Status);
    }

    /// <summary>A retry with an older token of the session, say: what stands in Redis for the newer one must not end earlier for it.</summary>
    [Fact]
    public async Task Revoke_AgainWithAnOlderToken_RefusesTheNewerOneForAsLong()
    {
        var application = await platform.CreateApplicationAsync(a => a.AccessLifetimeSeconds = 60, Cancellation);
        var first = await platform.IssueAsync(application, SignedRequests.NewUser(), Cancellation);
        await platform.ChangeApplicationAsync(application, a => a.AccessLifetimeSeconds = 3600, Cancellation);
        await Eventually.TrueAsync(async () => (await platform.IssueAsync(application, SignedRequests.NewUser(), Cancellation)).GetProperty("expires_in").GetInt32() > 60, Cancellation);
        var second = await platform.RefreshAsync(application, first.Text("refresh_token"), Cancellation);
        await RevokeAsync(application, second.Text("access_token"));

        await RevokeAsync(application, first.Text("access_token"));

        await using var redis = await ConnectionMultiplexer.ConnectAsync((await platform.App.GetConnectionStringAsync(ResourceNames.Redis, Cancellation))!);
        var left = await redis.GetDatabase().KeyTimeToLiveAsync(RevocationKeys.Of(Guid.Parse(first.Text("session_id")), null));
        Assert.True(left > TimeSpan.FromSeconds(second.GetProperty("expires_in").GetInt32()), $"{left}");
    }

    /// <summary>Its access token is long gone: there is nothing left to be refused, and nobody to be told.</summary>
    [Fact]
    public async Task Revoke_ByTheRefreshTokenOfASessionWithoutLiveTokens_LeavesNoRevocation()
    {
        var issued = await platform.IssueAsync(platform.Bootstrap, SignedRequests.NewUser(), Cancellation);
        await platform.AgeSessionAsync(issued.Text("session_id"), seconds: 3600, Cancellation);

        Assert.Equal("1", (await RevokeAsync(issued.Text("refresh_token"))).Text("deleted_count"));
        Assert.Equal("0", (await RevokeAsync(issued.Text("refresh_token"))).Text("deleted_count"));

        await using var database = await platform.OpenAuthDatabaseAsync(Cancellation);
        var session = Guid.Parse(issued.Text("session_id"));
        Assert.False(await database.Revocations.AnyAsync(r => r.RevokedId == session, Cancellation));
    }

    [Fact]
    public async Task Revoke_TwoHundredTokens_EndsAllOfThem()
    {
        var issued = await Task.WhenAll(Enumerable.Range(0, 200).Select(_ => platform.IssueAsync(platform.Bootstrap, SignedRequests.NewUser(), Cancellation)));

        var answer = await RevokeAsync(new JsonArray([.. issued.Select(i => (JsonNode)i.Text("access_token"))]));

        Assert.Equal(("200", "200"), (answer.Text("total_count"), answer.Text("deleted_count")));
        Assert.Equal(HttpStatusCode.Unauthorized, (await platform.VerifyAsync(platform.Bootstrap, issued[^1].Text("access_token"), Cancellation)).Status);
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("""{"token":null}""")]
    [InlineData("""{"token":""}""")]
    [InlineData("""{"token":7}""")]
    [InlineData("""{"token":{"a":1}}""")]
    [InlineData("""{"token":["a",1]}""")]
    [InlineData("""{"token":[["a"]]}""")]
    public async Task Revoke_WithoutAUsableToken_SaysSo(string body)
    {
        var (status, problem) = await platform.SendSignedAsync(platform.Bootstrap, "/auth/revoke", () => body, Cancellation);

        Assert.Equal((HttpStatusCode.BadRequest, "Missing or invalid 'token' field"), (status, problem.Text("detail")));
    }

    [Fact]
    public async Task Revoke_MoreThanTwoHundredTokens_IsRefusedWhole()
    {
        var body = new JsonObject { ["token"] = new JsonArray([.. Enumerable.Repeat("x", 201).Select(t => (JsonNode)t)]) }.ToJsonString();
        var (status, problem) = await platform.SendSignedAsync(platform.Bootstrap, "/auth/revoke", () => body, Cancellation);

        Assert.Equal((HttpStatusCode.BadRequest, "token must be a list of at most 200 tokens; it has 201"), (status, problem.Text("detail")));
    }

    [Theory]
    [InlineData(256 * 1024, HttpStatusCode.OK)]
    [InlineData((256 * 1024) + 1, HttpStatusCode.RequestEntityTooLarge)]
    public async Task Revoke_ABodyAroundTheLimit_IsReadUpToIt(int length, HttpStatusCode expected)
    {
        const string Start = "{\"token\":[\"";
        const string End = "\"]}";
        var body = Start + new string('x', length - Start.Length - End.Length) + End;
        var (status, _) = await platform.SendFreshAsync(
            () =>
            {
                var request = SignedRequests.V2(platform.Bootstrap, "/auth/revoke", body);
                // Otherwise the answer comes while the body is still being sent, and may be lost with the connection.
                request.Headers.ExpectContinue = true;
                return request;
            },
            Cancellation);

        Assert.Equal(expected, status);
    }

    private Task<JsonElement> RevokeAsync(JsonNode token) => RevokeAsync(platform.Bootstrap, token);

    private async Task<JsonElement> RevokeAsync(TestApplication application, JsonNode token)
    {
        var body = new JsonObject { ["token"] = token }.ToJsonString();
        var (status, answer) = await platform.SendSignedAsync(application, "/auth/revoke", () => body, Cancellation);
        Assert.Equal(HttpStatusCode.OK, status);
        return answer;
    }
}
