using System.Globalization;
using System.Net;
using System.Text.Json;
using AuthPlatform.Contracts.Signing;
using AuthPlatform.Data.Auth;
using AuthPlatform.IntegrationTests.Infrastructure;
using Microsoft.EntityFrameworkCore;

namespace AuthPlatform.IntegrationTests.RevocationFeed;

/// <summary>What resource servers learn of sessions that ended early, and how.</summary>
public sealed class RevocationFeedTests(AuthPlatformFixture platform)
{
    private const int StreamLimit = 20;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Feed_ReadPageByPage_GivesEachEndedSessionAndTokenOnce()
    {
        var application = await platform.CreateApplicationAsync(_ => { }, Cancellation);
        Assert.Equal(("[]", "0-0", "False"), Members(await ReadAsync(application)));

        var session = await RevokedSessionAsync(application);
        var refreshed = await platform.IssueAsync(application, SignedRequests.NewUser(), Cancellation);
        await platform.RefreshAsync(application, refreshed.Text("refresh_token"), Cancellation);
        var (_, granted) = await platform.CallAsync(application, application, "token", Cancellation, ("grant_type", "client_credentials"));
        var (_, verified) = await platform.VerifyAsync(application, granted.Text("access_token"), Cancellation);
        await platform.CallAsync(application, application, "revoke", Cancellation, ("token", granted.Text("access_token")));
        await platform.RevocationsCopiedAsync(Cancellation);

        var all = await ReadUntilAsync(application, "", count: 2);
        var entries = all.GetProperty("revocations").EnumerateArray().ToList();
        Assert.Equal((session, "revoked"), (entries[0].Text("sid"), entries[0].Text("reason")));
        Assert.Equal(verified.GetProperty("payload").Text("jti"), entries[1].Text("jti"));
        Assert.All(entries, e => Assert.True(e.GetProperty("until").GetInt64() > e.GetProperty("revoked_at").GetInt64() && e.GetProperty("effective_at").GetInt64() > 0));

        var first = await ReadAsync(application, "?limit=1");
        var second = await ReadAsync(application, $"?limit=1&since={first.Text("cursor")}");
        Assert.Equal(("True", "False"), (first.Text("has_more"), second.Text("has_more")));
        Assert.Equal(all.GetProperty("revocations").ToString(), $"[{first.GetProperty("revocations")[0]},{second.GetProperty("revocations")[0]}]");
        Assert.Equal(("[]", all.Text("cursor"), "False"), Members(await ReadAsync(application, $"?since={all.Text("cursor")}")));
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
        var quick = await RevokedSessionAsync(application);

        Assert.Equal("[]", (await ReadAsync(application)).Text("revocations"));
        await transaction.CommitAsync(Cancellation);

        var page = await ReadUntilAsync(application, "", count: 2);
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
            Assert.Equal(HttpStatusCode.OK, (await platform.SendAsync(Get(path + "?limit=7").WithBasic(caller), Cancellation)).Status);
            Assert.Equal(HttpStatusCode.OK, (await platform.SendAsync(await Get(path + "?limit=7").SignedByAsync(caller), Cancellation)).Status);
        }

        var otherQuery = await Get(path).SignedByAsync(application);
        otherQuery.RequestUri = new Uri(path + "?limit=1", UriKind.Relative);
        var used = await Get(path).SignedByAsync(application);
        var replayed = Get(path);
        used.Headers.ToList().ForEach(h => replayed.Headers.Add(h.Key, h.Value));
        Assert.Equal(HttpStatusCode.OK, (await platform.SendAsync(used, Cancellation)).Status);
        var v1 = Get(path);
        v1.Headers.Add(SigningHeaders.ClientId, application.ClientId);
        v1.Headers.Add(SigningHeaders.Signature, RequestSignatureV1.Sign(application.Secret, []));
        foreach (var refused in new[]
        {
            Get(path),
            Get(path).WithBasic(stranger),
            Get(path).WithBasic(application with { Secret = server.Secret }),
            await Get(path).SignedByAsync(stranger),
            Get("/auth/nobody/revocations").WithBasic(stranger),
            otherQuery,
            replayed,
            v1,
        })
        {
            var (status, problem) = await platform.SendAsync(refused, Cancellation);
            Assert.Equal((HttpStatusCode.Unauthorized, "invalid_client"), (status, problem.Text("error")));
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

    [Fact]
    public async Task Stream_ThroughTheGateway_TellsWhatWasAndWhatComesAndGoesOnWhereItWasCutOff()
    {
        var server = await platform.CreateApplicationAsync(_ => { }, Cancellation);
        var application = await platform.CreateApplicationAsync(a => a.ResourceServers = [server.ClientId], Cancellation);
        var path = $"/auth/{application.ClientId}/revocations";
        var before = await RevokedSessionAsync(application);
        string cursor;
        await using (var reader = await FeedReader.OpenAsync(platform.Gateway, Get(path).WithBasic(server), Cancellation))
        {
            Assert.Equal(before, (await reader.NextAsync())!.Value.Revocation.Text("sid"));
            var during = await RevokedSessionAsync(application);
            var next = (await reader.NextAsync())!.Value;
            Assert.Equal((during, "revoked"), (next.Revocation.Text("sid"), next.Revocation.Text("reason")));
            cursor = next.Id;
        }

        var missed = await RevokedSessionAsync(application);
        var resumed = await Get(path).SignedByAsync(application);
        resumed.Headers.Add("Last-Event-ID", cursor);
        await using (var reader = await FeedReader.OpenAsync(platform.Gateway, resumed, Cancellation))
        {
            Assert.Equal(missed, (await reader.NextAsync())!.Value.Revocation.Text("sid"));
        }
    }

    [Fact]
    public async Task Stream_OfAResourceServerThatIsNamedNoMore_Ends()
    {
        var server = await platform.CreateApplicationAsync(_ => { }, Cancellation);
        var application = await platform.CreateApplicationAsync(a => a.ResourceServers = [server.ClientId], Cancellation);
        await using var reader = await FeedReader.OpenAsync(platform.Gateway, Get($"/auth/{application.ClientId}/revocations").WithBasic(server), Cancellation);
        await platform.ChangeApplicationAsync(application, a => a.ResourceServers = [], Cancellation);

        await EndsAsync(reader, application);
    }

    /// <summary>Who stole a secret must not go on reading with it when it is none any more; who has the new one does.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Stream_OpenedWithASecretThatHasExpired_Ends(bool isSigned)
    {
        var application = await platform.CreateApplicationAsync(_ => { }, Cancellation);
        var renewed = await platform.AddSecretAsync(application, Cancellation);
        var path = $"/auth/{application.ClientId}/revocations";
        await using var old = await FeedReader.OpenAsync(platform.Gateway, isSigned ? await Get(path).SignedByAsync(application) : Get(path).WithBasic(application), Cancellation);
        await using var current = await FeedReader.OpenAsync(platform.Gateway, isSigned ? await Get(path).SignedByAsync(renewed) : Get(path).WithBasic(renewed), Cancellation);
        await platform.ChangeApplicationAsync(application, a => a.Secrets.Single(s => s.Slot == 1).ExpiresAt = TimeProvider.System.GetUtcNow(), Cancellation);

        await EndsAsync(old, renewed);
        var last = await RevokedSessionAsync(renewed);
        string told;
        do
        {
            told = (await current.NextAsync())!.Value.Revocation.Text("sid");
        }
        while (told != last);
    }

    /// <summary>The age of what a reader catches up on says nothing about how late the feed is.</summary>
    [Fact]
    public async Task Stream_OfAReaderThatCatchesUp_MeasuresOnlyWhatComesAfterwards()
    {
        var environment = new Dictionary<string, string>(await platform.TokenApiEnvironmentAsync(Cancellation)) { ["Metrics__Port"] = "0" };
        using var service = await RunningService.StartAsync("AuthPlatform.TokenApi", environment, Cancellation);
        var application = await platform.CreateApplicationAsync(_ => { }, Cancellation);
        for (var i = 0; i < 3; i++)
        {
            await RevokedSessionAsync(application);
        }

        // From here on all three are to be had, so that the first page is not the last one.
        await ReadUntilAsync(application, "", count: 3);
        await using var reader = await FeedReader.OpenAsync(service.Http, Get($"/auth/{application.ClientId}/revocations?limit=1").WithBasic(application), Cancellation);
        for (var i = 0; i < 3; i++)
        {
            Assert.NotNull(await reader.NextAsync());
        }

        var during = await RevokedSessionAsync(application);
        Assert.Equal(during, (await reader.NextAsync())!.Value.Revocation.Text("sid"));

        var scraped = await service.Http.GetStringAsync(service.Metrics, Cancellation);
        var count = Assert.Single(scraped.Split('\n'), line => line.StartsWith("authplatform_revocations_stream_lag_seconds_count", StringComparison.Ordinal));
        Assert.Equal(1, double.Parse(count.Split(' ')[^1], CultureInfo.InvariantCulture));
    }

    [Fact]
    public async Task Stream_BeyondTheLimitOfAReplica_IsRefusedUntilAnotherEnds()
    {
        var application = await platform.CreateApplicationAsync(_ => { }, Cancellation);
        var path = $"/auth/{application.ClientId}/revocations";
        var replica = platform.TokenApis[0];
        var readers = await Task.WhenAll(Enumerable.Range(0, StreamLimit).Select(_ => FeedReader.OpenAsync(replica, Get(path).WithBasic(application), Cancellation)));

        Assert.Equal(HttpStatusCode.TooManyRequests, await TryStreamAsync(replica, path, application));
        // Pages are still to be had, and other applications have streams of their own.
        Assert.Equal(HttpStatusCode.OK, (await AuthPlatformFixture.SendAsync(replica, Get(path).WithBasic(application), Cancellation)).Status);
        await using (await FeedReader.OpenAsync(replica, Get($"/auth/{platform.Bootstrap.ClientId}/revocations").WithBasic(platform.Bootstrap), Cancellation))
        {
            await readers[0].DisposeAsync();
        }

        using var patience = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        patience.CancelAfter(TimeSpan.FromMinutes(2));
        while (await TryStreamAsync(replica, path, application) == HttpStatusCode.TooManyRequests)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, patience.Token);
        }

        foreach (var reader in readers.Skip(1))
        {
            await reader.DisposeAsync();
        }
    }

    [Fact]
    public async Task Stream_WhileAResourceServerHasAllThatItMay_IsOpenToTheApplicationAndToOthers()
    {
        var greedy = await platform.CreateApplicationAsync(_ => { }, Cancellation);
        var modest = await platform.CreateApplicationAsync(_ => { }, Cancellation);
        var application = await platform.CreateApplicationAsync(a => a.ResourceServers = [greedy.ClientId, modest.ClientId], Cancellation);
        var path = $"/auth/{application.ClientId}/revocations";
        var replica = platform.TokenApis[0];
        var taken = await Task.WhenAll(Enumerable.Range(0, StreamLimit).Select(_ => FeedReader.OpenAsync(replica, Get(path).WithBasic(greedy), Cancellation)));
        Assert.Equal(HttpStatusCode.TooManyRequests, await TryStreamAsync(replica, path, greedy));

        await using var own = await FeedReader.OpenAsync(replica, Get(path).WithBasic(application), Cancellation);
        await using var other = await FeedReader.OpenAsync(replica, Get(path).WithBasic(modest), Cancellation);
        var revoked = await RevokedSessionAsync(application);
        foreach (var reader in new[] { own, other, taken[0] })
        {
            Assert.Equal(revoked, (await reader.NextAsync())!.Value.Revocation.Text("sid"));
        }

        foreach (var reader in taken)
        {
            await reader.DisposeAsync();
        }
    }

    private static HttpRequestMessage Get(string path) => new(HttpMethod.Get, path);

    private static (string, string, string) Members(JsonElement page) => (page.Text("revocations"), page.Text("cursor"), page.Text("has_more"));

    private static async Task<HttpStatusCode> TryStreamAsync(HttpClient replica, string path, TestApplication caller)
    {
        using var request = Get(path).WithBasic(caller);
        request.Headers.Accept.ParseAdd("text/event-stream");
        using var response = await replica.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Cancellation);
        Assert.Equal(response.StatusCode == HttpStatusCode.TooManyRequests, response.Headers.RetryAfter is not null);
        return response.StatusCode;
    }

    /// <summary>The stream ends by its next heartbeat, or by the next revocation if that is sooner; what it tells may just have been on its way.</summary>
    private Task EndsAsync(FeedReader reader, TestApplication application) => Eventually.TrueAsync(
        async () =>
        {
            await RevokedSessionAsync(application);
            return await reader.NextAsync() is null;
        },
        Cancellation);

    private async Task<string> RevokedSessionAsync(TestApplication application)
    {
        var issued = await platform.IssueAsync(application, SignedRequests.NewUser(), Cancellation);
        await platform.CallAsync(application, application, "revoke", Cancellation, ("token", issued.Text("refresh_token")));
        return issued.Text("session_id");
    }

    private async Task<JsonElement> ReadAsync(TestApplication application, string query = "")
    {
        var (status, page) = await platform.SendAsync(Get($"/auth/{application.ClientId}/revocations{query}").WithBasic(application), Cancellation);
        Assert.Equal(HttpStatusCode.OK, status);
        return page;
    }

    /// <summary>What was just committed is given as soon as no older transaction of anybody runs any more.</summary>
    private async Task<JsonElement> ReadUntilAsync(TestApplication application, string query, int count)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        patience.CancelAfter(TimeSpan.FromMinutes(2));
        while (true)
        {
            var page = await ReadAsync(application, query);
            if (page.GetProperty("revocations").GetArrayLength() >= count)
            {
                return page;
            }

            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, patience.Token);
        }
    }
}
