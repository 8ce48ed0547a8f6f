using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using AuthPlatform.Contracts.Signing;
using AuthPlatform.Data.Auth;
using AuthPlatform.IntegrationTests.Infrastructure;
using Microsoft.EntityFrameworkCore;

namespace AuthPlatform.IntegrationTests.RevocationFeed;

/// <summary>What resource servers learn of sessions that ended early, page by page.</summary>
public sealed class RevocationFeedTests(AuthPlatformFixture platform)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Feed_ReadPageByPage_GivesEachEndedSessionAndTokenOnce()
    {
        var application = await platform.CreateApplicationAsync(_ => { }, Cancellation);
        Assert.Equal(("[]", "0-0", "False"), Members(await platform.ReadFeedAsync(application, "", Cancellation)));

        var session = await platform.RevokedSessionAsync(application, Cancellation);
        var refreshed = await platform.IssueAsync(application, SignedRequests.NewUser(), Cancellation);
        await platform.RefreshAsync(application, refreshed.Text("refresh_token"), Cancellation);
        var (_, granted) = await platform.CallAsync(application, application, "token", Cancellation, ("grant_type", "client_credentials"));
        var (_, verified) = await platform.VerifyAsync(application, granted.Text("access_token"), Cancellation);
        await platform.CallAsync(application, application, "revoke", Cancellation, ("token", granted.Text("access_token")));
        await platform.RevocationsCopiedAsync(Cancellation);

        var all = await platform.ReadFeedUntilAsync(application, "", count: 2, Cancellation);
        var entries = all.GetProperty("revocations").EnumerateArray().ToList();
        Assert.Equal((session, "revoked"), (entries[0].Text("sid"), entries[0].Text("reason")));
        Assert.Equal(verified.GetProperty("payload").Text("jti"), entries[1].Text("jti"));
        Assert.All(entries, e => Assert.True(e.GetProperty("until").GetInt64() > e.GetProperty("revoked_at").GetInt64() && e.GetProperty("effective_at").GetInt64() > 0));

        var first = await platform.ReadFeedAsync(application, "?limit=1", Cancellation);
        var second = await platform.ReadFeedAsync(application, $"?limit=1&since={first.Text("cursor")}", Cancellation);
        Assert.Equal(("True", "False"), (first.Text("has_more"), second.Text("has_more")));
        Assert.Equal(all.GetProperty("revocations").ToString(), $"[{first.GetProperty("revocations")[0]},{second.GetProperty("revocations")[0]}]");
        Assert.Equal(("[]", all.Text("cursor"), "False"), Members(await platform.ReadFeedAsync(application, $"?since={all.Text("cursor")}", Cancellation)));
    }

    /// <summary>An administrator has shortened the lives of access tokens meanwhile: the newest one is then not the one that lives longest.</summary>
    [Theory]
    [InlineData(RevocationReasons.Revoked)]
    [InlineData(RevocationReasons.Replaced)]
    [InlineData("moved onto")]
    public async Task Feed_OfASessionWhoseFirstTokenLivesLongest_TellsOfItUntilThatHasDied(string how)
    {
        var application = await platform.CreateApplicationAsync(a => a.AccessLifetimeSeconds = 3600, Cancellation);
        var user = SignedRequests.NewUser();
        var first = await SignInAsync("tablet");
        var (_, verified) = await platform.VerifyAsync(application, first.Text("access_token"), Cancellation);
        await platform.ChangeApplicationAsync(application, a => a.AccessLifetimeSeconds = 60, Cancellation);
        var newest = first;
        await Eventually.TrueAsync(
            async () =>
            {
                newest = await platform.RefreshAsync(application, newest.Text("refresh_token"), Cancellation);
                return newest.GetProperty("expires_in").GetInt32() <= 60;
            },
            Cancellation);

        await (how switch
        {
            RevocationReasons.Revoked => platform.CallAsync(application, application, "revoke", Cancellation, ("token", newest.Text("refresh_token"))),
            RevocationReasons.Replaced => SignInAsync("tablet"),
            _ => MoveAsync(await SignInAsync("phone")),
        });

        var page = await platform.ReadFeedUntilAsync(application, "", count: 1, Cancellation);
        var entry = Assert.Single(page.GetProperty("revocations").EnumerateArray());
        Assert.Equal(first.Text("session_id"), entry.Text("sid"));
        Assert.InRange(entry.GetProperty("until").GetInt64(), verified.GetProperty("payload").GetProperty("exp").GetInt64() + 120, long.MaxValue);

        async Task<JsonElement> SignInAsync(string device)
        {
            var (status, issued) = await platform.SendSignedAsync(application, "/auth/token", () => SignedRequests.TokenBody(user, device), Cancellation);
            Assert.Equal(HttpStatusCode.OK, status);
            return issued;
        }

        async Task MoveAsync(JsonElement other)
        {
            var move = new JsonObject { ["token"] = other.Text("refresh_token"), ["device"] = "tablet" }.ToJsonString();
            var (status, _) = await platform.SendSignedAsync(application, "/auth/refresh", () => move, Cancellation);
            Assert.Equal(HttpStatusCode.OK, status);
        }
    }

    /// <summary>Numbers are drawn before the commit; a reader that went past one that was still to come would never see it.</summary>
    [Fact]
    public async Task Feed_WhileAnOlderRevocationIsNotCommitted_WaitsForItAndMissesNone()
    {
        var application = await platform.CreateApplicationAsync(_ => { }, Cancellation);
        await using var database = await platform.OpenAuthDatabaseAsync(Cancellation);
        var applicationId = await database.Applications.Where(a => a.ClientId == application.ClientId).Select(a => a.Id).SingleAsync(Cancellation);
        var (slow, now) = (Guid.CreateVersion7(), TimeProvider.System.GetUtcNow());
        await using var transaction = await database.Database.BeginTransactionAsync(Cancellation);
        database.Revocations.Add(new Revocation { ApplicationId = applicationId, RevokedId = slow, Reason = RevocationReasons.Revoked, RevokedAt = now, EffectiveAt = now, Until = now.AddMinutes(5) });
        await database.SaveChangesAsync(Cancellation);
        var quick = await platform.RevokedSessionAsync(application, Cancellation);

        Assert.Equal("[]", (await platform.ReadFeedAsync(application, "", Cancellation)).Text("revocations"));
        await transaction.CommitAsync(Cancellation);

        var page = await platform.ReadFeedUntilAsync(application, "", count: 2, Cancellation);
        Assert.Equal([slow.ToString(), quick], page.GetProperty("revocations").EnumerateArray().Select(r => r.Text("sid")));
    }

    [Fact]
    public async Task Feed_ByTheApplicationOrItsResourceServer_IsReadAndByNobodyElse()
    {
        var server = await platform.CreateApplicationAsync(_ => { }, Cancellation);
        var stranger = await platform.CreateApplicationAsync(a => a.ResourceServers = [server.ClientId], Cancellation);
        var application = await platform.CreateApplicationAsync(a => a.ResourceServers = [server.ClientId], Cancellation);
        var path = $"/auth/{application.ClientId}/revocations";

        foreach (var caller in new[] { application, server })
        {
            await AssertOkAsync(() => Task.FromResult(Get(path + "?limit=7").WithBasic(caller)));
            await AssertOkAsync(() => Get(path + "?limit=7").SignedByAsync(caller));
        }

        HttpRequestMessage? used = null;
        await AssertOkAsync(async () => used = await Get(path).SignedByAsync(application));
        Func<Task<HttpRequestMessage>>[] refusals =
        [
            () => Task.FromResult(Get(path)),
            () => Task.FromResult(Get(path).WithBasic(stranger)),
            () => Task.FromResult(Get(path).WithBasic(application with { Secret = server.Secret })),
            () => Get(path).SignedByAsync(stranger),
            () => Task.FromResult(Get("/auth/nobody/revocations").WithBasic(stranger)),
            OtherQueryAsync,
            () => Task.FromResult(Replayed()),
            () => Task.FromResult(V1()),
        ];
        foreach (var refused in refusals)
        {
            using var response = await platform.Gateway.SendFreshAsync(refused, Cancellation);
            Assert.Equal((HttpStatusCode.Unauthorized, "invalid_client"), (response.StatusCode, (await response.ReadJsonAsync(Cancellation)).Text("error")));
        }

        async Task AssertOkAsync(Func<Task<HttpRequestMessage>> make)
        {
            using var response = await platform.Gateway.SendFreshAsync(make, Cancellation);
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        }

        async Task<HttpRequestMessage> OtherQueryAsync()
        {
            var request = await Get(path).SignedByAsync(application);
            request.RequestUri = new Uri(path + "?limit=1", UriKind.Relative);
            return request;
        }

        HttpRequestMessage Replayed()
        {
            var request = Get(path);
            used!.Headers.ToList().ForEach(h => request.Headers.Add(h.Key, h.Value));
            return request;
        }

        HttpRequestMessage V1()
        {
            var request = Get(path);
            request.Headers.Add(SigningHeaders.ClientId, application.ClientId);
            request.Headers.Add(SigningHeaders.Signature, RequestSignatureV1.Sign(application.Secret, []));
            return request;
        }
    }

    [Theory]
    [InlineData("?since=")]
    [InlineData("?since=x")]
    [InlineData("?since=1")]
    [InlineData("?since=-")]
    [InlineData("?since=1-")]
    [InlineData("?since=-1-1")]
    [InlineData("?since=1--1")]
    [InlineData("?since=%2B1-1")]
    [InlineData("?since=1-1%00")]
    [InlineData("?since=1-1-1")]
    [InlineData("?since=18446744073709551616-1")]
    [InlineData("?since=18446744073709551615-9223372036854775807")]
    [InlineData("?since=1-9223372036854775808")]
    [InlineData("?since=1-1&since=2-2")]
    [InlineData("?limit=0")]
    [InlineData("?limit=1001")]
    [InlineData("?limit=-1")]
    [InlineData("?limit=1e2")]
    [InlineData("?limit=1%00")]
    [InlineData("?since=01-1")]
    [InlineData("?since=2-1-1")]
    [InlineData("?limit=1&limit=1")]
    public async Task Feed_FromNoCursorOfItsOwn_IsABadRequest(string query)
    {
        var (status, problem) = await platform.SendAsync(Get($"/auth/{platform.Bootstrap.ClientId}/revocations{query}").WithBasic(platform.Bootstrap), Cancellation);
        Assert.Equal((HttpStatusCode.BadRequest, "invalid_request"), (status, problem.Text("error")));
    }

    [Fact]
    public async Task Feed_WithABodyOrAnotherMethod_IsRefused()
    {
        var path = $"/auth/{platform.Bootstrap.ClientId}/revocations";
        var body = Get(path).WithBasic(platform.Bootstrap);
        body.Content = new StringContent("x");
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, (await platform.SendAsync(body, Cancellation)).Status);
        Assert.Equal(HttpStatusCode.MethodNotAllowed, (await platform.SendAsync(new HttpRequestMessage(HttpMethod.Delete, path).WithBasic(platform.Bootstrap), Cancellation)).Status);

        var stream = Get(path).WithBasic(platform.Bootstrap);
        stream.Headers.Accept.ParseAdd("text/event-stream");
        stream.Headers.Add("Last-Event-ID", "1 OR 1=1");
        Assert.Equal(HttpStatusCode.BadRequest, (await platform.SendAsync(stream, Cancellation)).Status);
    }

    private static HttpRequestMessage Get(string path) => new(HttpMethod.Get, path);

    private static (string, string, string) Members(JsonElement page) => (page.Text("revocations"), page.Text("cursor"), page.Text("has_more"));
}
