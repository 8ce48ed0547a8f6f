using System.Buffers.Text;
using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using AuthPlatform.Contracts;
using AuthPlatform.Data.Admin;
using AuthPlatform.Data.Auth;
using AuthPlatform.IntegrationTests.Admin;
using AuthPlatform.IntegrationTests.Infrastructure;
using AuthPlatform.IntegrationTests.RevocationFeed;
using Microsoft.EntityFrameworkCore;
using Npgsql;
using StackExchange.Redis;

namespace AuthPlatform.IntegrationTests.Hosting;

/// <summary>What goes on, and what is refused, while a store is away. One platform of its own: others would notice.</summary>
public sealed partial class StoreOutageTests(StoreOutageTests.Platform platform) : IClassFixture<StoreOutageTests.Platform>
{
    /// <summary>A page that reads the database, whoever opens it.</summary>
    private const string SetupPage = "/admin/setup?token=x";

    private const string SignedInPage = "/admin/account";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Redis_StoppedAndStarted_IssuingGoesOnAndNoRequestPassesTwice()
    {
        FixedRequest[] before = [await FirstAcceptedAsync(replica: 0), await FirstAcceptedAsync(replica: 0, ahead: 200)];
        await CommandAsync(ResourceNames.Redis, KnownResourceCommands.StopCommand);
        var during = await FirstAcceptedAsync();
        // Only Redis and the other replica knew of these, and Redis is away: nobody may say that they are new.
        foreach (var request in before)
        {
            Assert.NotEqual(HttpStatusCode.OK, (await request.SendAsync(platform, replica: 1)).Status);
        }

        Assert.NotEqual(HttpStatusCode.OK, (await during.SendAsync(platform)).Status);
        // Many copies of several requests, on both replicas: they are remembered together, each once.
        FixedRequest[] parallel = [Request(), Request(), Request(), Request()];
        var answers = await Task.WhenAll(Enumerable.Range(0, 100).Select(async number => (Request: parallel[number % 4], (await parallel[number % 4].SendAsync(platform)).Status)));
        Assert.All(parallel, request => Assert.Single(answers, a => a.Request == request && a.Status == HttpStatusCode.OK));
        Assert.DoesNotContain(answers, a => a.Status is not (HttpStatusCode.OK or HttpStatusCode.Unauthorized or HttpStatusCode.ServiceUnavailable));

        await CommandAsync(ResourceNames.Redis, KnownResourceCommands.StartCommand);
        await platform.App.ResourceNotifications.WaitForResourceHealthyAsync(ResourceNames.Redis, Cancellation);
        var after = await FirstAcceptedAsync();
        foreach (var request in before)
        {
            Assert.NotEqual(HttpStatusCode.OK, (await request.SendAsync(platform)).Status);
        }

        foreach (var used in (FixedRequest[])[during, .. parallel, after])
        {
            await Eventually.TrueAsync(async () => await IsKnownAsync(used), Cancellation);
        }
    }

    /// <summary>Nothing breaks, and yet nothing is remembered any more: neither what was accepted nor what was revoked.</summary>
    [Fact]
    public async Task Redis_Emptied_NothingUsedOrRevokedPassesAndNewRequestsSoonDo()
    {
        // After the other tests here, PostgreSQL would know what Redis has lost.
        await Task.WhenAll(platform.TokenApiIds.Select(replica => CommandAsync(replica, KnownResourceCommands.StopCommand)));
        await ExecuteAsync("DELETE FROM replay_entries");
        await Task.WhenAll(platform.TokenApiIds.Select(replica => CommandAsync(replica, KnownResourceCommands.StartCommand)));
        // The gateway goes on with the first of them that is ready.
        await Task.WhenAll(platform.TokenApis.Select(replica => Eventually.TrueAsync(() => IsReadyAsync(replica), Cancellation)));
        var before = await FirstAcceptedAsync();
        var ended = await platform.IssueAsync(platform.Bootstrap, SignedRequests.NewUser(), Cancellation);
        await platform.SendSignedAsync(platform.Bootstrap, "/auth/revoke", () => SignedRequests.VerifyBody(ended.Text("refresh_token")), Cancellation);
        await RelyOnRedisAsync(ended);
        Assert.DoesNotContain(true, await AreActiveAsync(ended));
        var ahead = await FirstAcceptedAsync(ahead: 5);
        await using var redis = await ConnectionMultiplexer.ConnectAsync($"{await platform.App.GetConnectionStringAsync(ResourceNames.Redis, Cancellation)},allowAdmin=true");
        await redis.GetServers().Single().FlushAllDatabasesAsync();

        Assert.NotEqual(HttpStatusCode.OK, (await before.SendAsync(platform)).Status);
        await Eventually.TrueAsync(
            async () =>
            {
                // Looked for first: from then on the replicas believe Redis again.
                var isComplete = await redis.GetDatabase().KeyExistsAsync(RevocationKeys.Complete);
                Assert.DoesNotContain(true, await AreActiveAsync(ended));
                return isComplete;
            },
            Cancellation);
        while ((await FirstAcceptedAsync()).Timestamp <= ahead.Timestamp)
        {
            // Until it is ahead of nobody's clock.
            await Task.Delay(TimeSpan.FromMilliseconds(500), TimeProvider.System, Cancellation);
        }

        Assert.NotEqual(HttpStatusCode.OK, (await before.SendAsync(platform)).Status);
        Assert.NotEqual(HttpStatusCode.OK, (await ahead.SendAsync(platform)).Status);
    }

    [Fact]
    public async Task Postgres_StoppedAndStarted_PublishesKeysAnswers503AndRecoversByItself()
    {
        await platform.App.ResourceNotifications.WaitForResourceHealthyAsync(ResourceNames.AdminWeb, Cancellation);
        var issued = await platform.IssueAsync(platform.Bootstrap, SignedRequests.NewUser(), Cancellation);
        Assert.DoesNotContain(false, await AreActiveAsync(issued));
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(SetupPage));
        var application = await platform.CreateApplicationAsync(_ => { }, Cancellation);
        await using var follower = new FeedFollower(platform, application);
        var revoked = new List<string> { await platform.RevokedSessionAsync(application, Cancellation) };
        await follower.ReadAsync(1, Cancellation);
        revoked.Add(await platform.RevokedSessionAsync(application, Cancellation));
        using var stranger = await AdminBrowser.OpenAsync(platform, Cancellation);
        using var administrator = await AdminAccount.SignInAsync(platform, Cancellation, AdministratorRoles.Administrator);
        Assert.Equal(HttpStatusCode.OK, (await administrator.GetAsync(SignedInPage, Cancellation)).Status);
        await CommandAsync(ResourceNames.Postgres, KnownResourceCommands.StopCommand);

        await AssertKnownApplicationIsRecognisedAsync(issued);
        AssertSaysThatSomethingIsAway(await stranger.GetAsync(SetupPage, Cancellation));
        // The first thing that is asked of the database is who that is.
        AssertSaysThatSomethingIsAway(await administrator.GetAsync(SignedInPage, Cancellation));
        await AssertUnavailableAsync("/auth/token", SignedRequests.TokenBody(SignedRequests.NewUser()));
        await AssertUnavailableAsync("/auth/refresh", SignedRequests.VerifyBody(issued.Text("refresh_token")));
        // Nobody renews the promise that Redis knows all revocations: it dies within seconds, and then nobody may say that a token is good.
        await Eventually.TrueAsync(
            async () => (await platform.SendAsync(SignedRequests.V2(platform.Bootstrap, "/auth/verify", SignedRequests.VerifyBody(issued.Text("access_token"))), Cancellation)).Status == HttpStatusCode.ServiceUnavailable,
            Cancellation);
        Assert.Equal(HttpStatusCode.OK, await StatusAsync($"/auth/{platform.Bootstrap.ClientId}/jwks"));
        Assert.Equal(HttpStatusCode.OK, await StatusAsync("/health/live"));
        // What was seen last is good for a second, at the gateway and at whom it asks.
        await Eventually.TrueAsync(async () => await StatusAsync("/health/ready") == HttpStatusCode.ServiceUnavailable, Cancellation);

        await CommandAsync(ResourceNames.Postgres, KnownResourceCommands.StartCommand);
        await platform.App.ResourceNotifications.WaitForResourceHealthyAsync(ResourceNames.Postgres, Cancellation);
        await FirstAcceptedAsync();
        await Eventually.TrueAsync(async () => await StatusAsync("/health/ready") == HttpStatusCode.OK, Cancellation);
        Assert.Equal(HttpStatusCode.OK, (await platform.VerifyAsync(platform.Bootstrap, issued.Text("access_token"), Cancellation)).Status);
        await platform.RefreshAsync(platform.Bootstrap, issued.Text("refresh_token"), Cancellation);
        await Eventually.TrueAsync(async () => await StatusAsync(SetupPage) == HttpStatusCode.OK, Cancellation);
        revoked.Add(await platform.RevokedSessionAsync(application, Cancellation));
        await follower.ReadAsync(revoked.Count, Cancellation);
        Assert.Equal(revoked, follower.Told);
    }

    [Fact]
    public async Task Audit_WithoutRoom_HoldsNobodyUpAndIsWrittenLater()
    {
        await ExecuteAsync(
            """
            CREATE FUNCTION no_room() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'no space left on device' USING ERRCODE = '53100'; END $$;
            CREATE TRIGGER tr_no_room BEFORE INSERT ON audit_events FOR EACH STATEMENT EXECUTE FUNCTION no_room();
            """);
        var user = SignedRequests.NewUser();
        var issued = await platform.IssueAsync(platform.Bootstrap, user, Cancellation);
        Assert.Equal(HttpStatusCode.OK, (await platform.VerifyAsync(platform.Bootstrap, issued.Text("access_token"), Cancellation)).Status);
        issued = await platform.RefreshAsync(platform.Bootstrap, issued.Text("refresh_token"), Cancellation);
        await ExecuteAsync("DROP FUNCTION no_room CASCADE");

        await Eventually.TrueAsync(
            async () =>
            {
                await using var database = await platform.OpenAuthDatabaseAsync(Cancellation);
                return await database.AuditEvents.CountAsync(e => e.UniqueKey == user, Cancellation) == 2;
            },
            Cancellation);
    }

    [Fact]
    public async Task KeyManager_StoppedAndStarted_VerifyingGoesOnAndIssuingAnswers503()
    {
        var issued = await platform.IssueAsync(platform.Bootstrap, SignedRequests.NewUser(), Cancellation);
        var ended = await platform.IssueAsync(platform.Bootstrap, SignedRequests.NewUser(), Cancellation);
        // Each replica keeps its own copy of the keys.
        Assert.DoesNotContain(false, await AreActiveAsync(issued));
        await CommandAsync(ResourceNames.KeyManager, KnownResourceCommands.StopCommand);

        await AssertEndsTheKnownOneAsync(ended, unknown: UnderAnotherKey(issued.Text("access_token")));
        Assert.Equal(HttpStatusCode.OK, (await platform.VerifyAsync(platform.Bootstrap, issued.Text("access_token"), Cancellation)).Status);
        await AssertUnavailableAsync("/auth/token", SignedRequests.TokenBody(SignedRequests.NewUser()));
        await AssertUnavailableAsync("/auth/rotate-key", "{}");
        Assert.Equal(HttpStatusCode.ServiceUnavailable, await StatusAsync($"/auth/{platform.Bootstrap.ClientId}/jwks"));

        await CommandAsync(ResourceNames.KeyManager, KnownResourceCommands.StartCommand);
        await platform.App.ResourceNotifications.WaitForResourceHealthyAsync(ResourceNames.KeyManager, Cancellation);
        await FirstAcceptedAsync();
    }

    /// <summary>No message comes then: the Token APIs ask.</summary>
    [Fact]
    public async Task Redis_Stopped_ARevokedKeyIsRefusedAllTheSame()
    {
        await CommandAsync(ResourceNames.Redis, KnownResourceCommands.StopCommand);
        // Some seconds pass until a replica may trust its memory in PostgreSQL, and another one until the second replica does.
        await FirstAcceptedAsync();
        // Nobody copies revocations to Redis now, and nobody says so: whoever revokes would wait for as long as that is said.
        await Eventually.TrueAsync(IsLeaseOverAsync, Cancellation);
        var application = await platform.CreateApplicationAsync(_ => { }, Cancellation);
        var issued = await platform.IssueAsync(application, SignedRequests.NewUser(), Cancellation);
        Assert.Equal(HttpStatusCode.OK, (await platform.VerifyAsync(application, issued.Text("access_token"), Cancellation)).Status);

        using (var keyManager = platform.CreateKeyManagerClient())
        using (var revoked = await keyManager.PostAsync($"/internal/applications/{application.ClientId}/keys/{issued.Text("kid")}/revoke", null, Cancellation))
        {
            Assert.Equal(HttpStatusCode.OK, revoked.StatusCode);
        }

        await Eventually.RefusedByAllAsync(platform, application, issued.Text("access_token"), Cancellation);
        await CommandAsync(ResourceNames.Redis, KnownResourceCommands.StartCommand);
        await platform.App.ResourceNotifications.WaitForResourceHealthyAsync(ResourceNames.Redis, Cancellation);
        await FirstAcceptedAsync();
    }

    /// <summary>Whoever revokes cannot reach Redis; the others can, and would go on believing it.</summary>
    [Fact]
    public async Task Redis_OutOfReachOfOneReplica_ItsRevocationsAreAnsweredWhenAllOthersRefuse()
    {
        var environment = await platform.TokenApiEnvironmentAsync(Cancellation);
        environment["ConnectionStrings__redis"] = "127.0.0.1:1";
        using var cutOff = await RunningService.StartAsync("AuthPlatform.TokenApi", environment, Cancellation);
        var issued = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => platform.IssueAsync(platform.Bootstrap, SignedRequests.NewUser(), Cancellation)));
        await RelyOnRedisAsync(issued[0]);
        Assert.DoesNotContain(false, (await Task.WhenAll(issued.Select(AreActiveAsync))).SelectMany(active => active));

        var afterwards = await Task.WhenAll(issued.Select(async session =>
        {
            var revoke = $"/auth/{platform.Bootstrap.ClientId}/oauth2/revoke";
            using var answer = await cutOff.Http.SendFreshAsync(() => OAuthRequests.Form(revoke, ("token", session.Text("refresh_token"))).WithBasic(platform.Bootstrap), Cancellation);
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
            return await AreActiveAsync(session);
        }));

        Assert.DoesNotContain(true, afterwards.SelectMany(active => active));
    }

    /// <summary>A client does what the answer says: while it is 503, it signs afresh after Retry-After.</summary>
    /// <param name="replica">Whom it asks; by default the gateway.</param>
    /// <param name="ahead">By how many seconds its clock is ahead.</param>
    private async Task<FixedRequest> FirstAcceptedAsync(int? replica = null, int ahead = 0)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        patience.CancelAfter(TimeSpan.FromMinutes(2));
        while (true)
        {
            var request = Request() with { Timestamp = SignedRequests.Now() + ahead };
            var (status, _) = await (replica is { } one ? request.SendAsync(platform, one) : request.SendAsync(platform));
            if (status == HttpStatusCode.OK)
            {
                return request;
            }

            Assert.Equal(HttpStatusCode.ServiceUnavailable, status);
            await Task.Delay(TimeSpan.FromSeconds(1), TimeProvider.System, patience.Token);
        }
    }

    private static async Task<bool> IsReadyAsync(HttpClient replica)
    {
        try
        {
            using var answer = await replica.GetAsync(new Uri("/health/ready", UriKind.Relative), Cancellation);
            return answer.IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }

    /// <summary>False while a replica cannot tell yet; a request that passes a second time fails the test.</summary>
    private async Task<bool> IsKnownAsync(FixedRequest request)
    {
        var (status, body) = await request.SendAsync(platform);
        Assert.NotEqual(HttpStatusCode.OK, status);
        return body.Text("code") == "request_replayed";
    }

    /// <summary>What each replica says of an access token, asked at the same time. Introspection needs no memory against replay.</summary>
    private Task<bool[]> AreActiveAsync(JsonElement issued) => Task.WhenAll(platform.TokenApis.Select(async replica =>
    {
        var introspect = $"/auth/{platform.Bootstrap.ClientId}/oauth2/introspect";
        using var answer = await replica.SendFreshAsync(() => OAuthRequests.Form(introspect, ("token", issued.Text("access_token"))).WithBasic(platform.Bootstrap), Cancellation);
        return (await answer.ReadJsonAsync(Cancellation)).GetProperty("active").GetBoolean();
    }));

    /// <summary>Lets each replica see three rounds of copying, after which it asks Redis alone whether a token was revoked.</summary>
    private async Task RelyOnRedisAsync(JsonElement issued)
    {
        for (var round = 0; round < 3; round++)
        {
            await platform.RevocationsCopiedAsync(Cancellation);
            await AreActiveAsync(issued);
        }
    }

    /// <summary>It was told to have changed and cannot be read again: its last known state stays good, and tells a wrong signature from a right one.</summary>
    private async Task AssertKnownApplicationIsRecognisedAsync(JsonElement issued)
    {
        await using var redis = await ConnectionMultiplexer.ConnectAsync((await platform.App.GetConnectionStringAsync(ResourceNames.Redis, Cancellation))!);
        await redis.GetSubscriber().PublishAsync(RedisChannel.Literal(ApplicationChanges.Channel), platform.Bootstrap.ClientId);
        foreach (var replica in platform.TokenApis)
        {
            Assert.Equal(HttpStatusCode.Unauthorized, await VerifyAsync(replica, platform.Bootstrap with { Secret = "wrong" }));
            Assert.NotEqual(HttpStatusCode.Unauthorized, await VerifyAsync(replica, platform.Bootstrap));
        }

        async Task<HttpStatusCode> VerifyAsync(HttpClient replica, TestApplication signer) =>
            (await AuthPlatformFixture.SendAsync(replica, SignedRequests.V2(signer, "/auth/verify", SignedRequests.VerifyBody(issued.Text("access_token"))), Cancellation)).Status;
    }

    /// <summary>Of two tokens to revoke nobody can tell what the other one is: whatever is answered, the session of this one is over.</summary>
    private async Task AssertEndsTheKnownOneAsync(JsonElement known, string unknown)
    {
        var session = Guid.Parse(known.Text("session_id"));
        var body = new JsonObject { ["token"] = new JsonArray(unknown, known.Text("refresh_token")) }.ToJsonString();
        await Eventually.TrueAsync(
            async () =>
            {
                await platform.SendAsync(SignedRequests.V2(platform.Bootstrap, "/auth/revoke", body), Cancellation);
                await using var database = await platform.OpenAuthDatabaseAsync(Cancellation);
                return !await database.Sessions.AnyAsync(s => s.Id == session, Cancellation);
            },
            Cancellation);
    }

    private static string UnderAnotherKey(string token) => Base64Url.EncodeToString("""{"alg":"RS256","kid":"made-up","typ":"at+jwt"}"""u8) + token[token.IndexOf('.')..];

    private static void AssertSaysThatSomethingIsAway(AdminPage page)
    {
        Assert.Equal(HttpStatusCode.ServiceUnavailable, page.Status);
        Assert.StartsWith("text/html", page.Headers["Content-Type"], StringComparison.Ordinal);
        Assert.Contains("default-src 'none'", page.Headers["Content-Security-Policy"], StringComparison.Ordinal);
        Assert.Contains("Something is away", page.Html, StringComparison.Ordinal);
        Assert.DoesNotMatch(@"Exception|Npgsql|(?m:^\s+at )", page.Html);
    }

    private async Task AssertUnavailableAsync(string path, string body)
    {
        using var request = SignedRequests.V2(platform.Bootstrap, path, body);
        using var response = await platform.Gateway.SendAsync(request, Cancellation);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
        Assert.NotNull(response.Headers.RetryAfter);
        Assert.Equal("temporarily_unavailable", (await response.ReadJsonAsync(Cancellation)).Text("error"));
    }

    private async Task<HttpStatusCode> StatusAsync(string path)
    {
        using var response = await platform.Gateway.GetAsync(new Uri(path, UriKind.Relative), Cancellation);
        return response.StatusCode;
    }

    private async Task<bool> IsLeaseOverAsync()
    {
        await using var database = await platform.OpenAuthDatabaseAsync(Cancellation);
        return await database.Database.SqlQuery<bool>($"SELECT until < clock_timestamp() - interval '1 second' AS \"Value\" FROM leases WHERE name = 'revocations'").SingleAsync(Cancellation);
    }

    private async Task ExecuteAsync(string sql)
    {
        await using var database = await platform.OpenAuthDatabaseAsync(Cancellation);
        await database.Database.ExecuteSqlRawAsync(sql, Cancellation);
    }

    private static FixedRequest Request() => new(SignedRequests.TokenBody(SignedRequests.NewUser()), SignedRequests.Now(), SignedRequests.Nonce());

    private async Task CommandAsync(string resource, string command)
    {
        var result = await platform.App.ResourceCommands.ExecuteCommandAsync(resource, command, Cancellation);
        Assert.True(result.Success, result.Message);
        if (resource == ResourceNames.Postgres)
        {
            NpgsqlConnection.ClearAllPools();
        }
    }

    /// <summary>Its Key Manager starts more than once.</summary>
    public sealed class Platform : AuthPlatformFixture
    {
        protected override void Configure(IDistributedApplicationTestingBuilder builder) => MakeNoKeysInAdvance(builder);
    }

    /// <summary>A request that can be sent again exactly as it was.</summary>
    private sealed record FixedRequest(string Body, long Timestamp, string Nonce)
    {
        public Task<(HttpStatusCode Status, JsonElement Body)> SendAsync(AuthPlatformFixture platform) => platform.SendAsync(Sign(platform), Cancellation);

        public Task<(HttpStatusCode Status, JsonElement Body)> SendAsync(AuthPlatformFixture platform, int replica) =>
            AuthPlatformFixture.SendAsync(platform.TokenApis[replica], Sign(platform), Cancellation);

        private HttpRequestMessage Sign(AuthPlatformFixture platform) => SignedRequests.V2(platform.Bootstrap, "/auth/token", Body, Timestamp, Nonce);
    }
}
