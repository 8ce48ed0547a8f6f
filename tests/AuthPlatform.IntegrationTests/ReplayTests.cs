using System.Net;
using AuthPlatform.IntegrationTests.Infrastructure;

namespace AuthPlatform.IntegrationTests;

/// <summary>A signed request is accepted once.</summary>
public sealed class ReplayTests(AuthPlatformFixture platform)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>Seen before; or, on a crowded machine, not to be told in time. Never an acceptance.</summary>
    private static readonly string[] Refusals = ["request_replayed", "temporarily_unavailable"];

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Token_FiftyIdenticalRequestsAtOnce_OneSucceeds(int version)
    {
        // Its own: so many refusals would leave other tests with few until the gateway refuses all.
        var application = await platform.CreateApplicationAsync(a => a.MinimumSignatureVersion = 1, Cancellation);
        var body = SignedRequests.TokenBody(SignedRequests.NewUser());
        var (timestamp, nonce) = (SignedRequests.Now(), SignedRequests.Nonce());
        var answers = await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => platform.SendAsync(
            version == 1 ? SignedRequests.V1(application, "/auth/token", body) : SignedRequests.V2(application, "/auth/token", body, timestamp, nonce),
            Cancellation)));

        Assert.Single(answers, a => a.Status == HttpStatusCode.OK);
        Assert.All(answers.Where(a => a.Status != HttpStatusCode.OK), a => Assert.Contains(a.Body.Text("code"), Refusals));
    }

    [Fact]
    public async Task Verify_SameNonceTwice_IsRefusedTheSecondTime()
    {
        var issued = await platform.IssueAsync(platform.Bootstrap, SignedRequests.NewUser(), Cancellation);
        var body = SignedRequests.VerifyBody(issued.Text("access_token"));
        var (timestamp, nonce) = (0L, "");
        var (first, _) = await platform.SendFreshAsync(
            () => SignedRequests.V2(platform.Bootstrap, "/auth/verify", body, timestamp = SignedRequests.Now(), nonce = SignedRequests.Nonce()), Cancellation);
        var (second, problem) = await platform.SendFreshAsync(() => SignedRequests.V2(platform.Bootstrap, "/auth/verify", body, timestamp, nonce), Cancellation);

        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.Unauthorized, "request_replayed"), (first, second, problem.Text("code")));
    }

    /// <summary>A refresh is no question that old clients may ask again, as a verification is: who listened in must not get the next pair as well.</summary>
    [Fact]
    public async Task Refresh_SameV1RequestTwice_IsRefusedTheSecondTime()
    {
        var issued = await platform.IssueAsync(platform.Bootstrap, SignedRequests.NewUser(), Cancellation);
        var body = "";
        var (first, _) = await platform.SendFreshAsync(
            () => SignedRequests.V1(platform.Bootstrap, "/auth/refresh", body = SignedRequests.VerifyBody(issued.Text("refresh_token"))), Cancellation);
        var (second, problem) = await platform.SendFreshAsync(() => SignedRequests.V1(platform.Bootstrap, "/auth/refresh", body), Cancellation);

        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.Unauthorized), (first, second));
        Assert.Equal("request_replayed", problem.Text("code"));
    }

    /// <summary>Nonces are each application's own: what one has used, or guessed of another, is no matter of the other's.</summary>
    [Fact]
    public async Task Nonce_UsedByTwoApplications_PassesOnceEach()
    {
        var other = await platform.CreateApplicationAsync(_ => { }, Cancellation);
        var (nonce, first, second) = ("", HttpStatusCode.OK, HttpStatusCode.OK);
        // After a 503 the nonce may be used up: both begin anew.
        await Eventually.TrueAsync(
            async () =>
            {
                nonce = SignedRequests.Nonce();
                (first, second) = (await IssueAsync(platform.Bootstrap), await IssueAsync(other));
                return first != HttpStatusCode.ServiceUnavailable && second != HttpStatusCode.ServiceUnavailable;
            },
            Cancellation);

        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.OK), (first, second));
        foreach (var application in new[] { platform.Bootstrap, other })
        {
            var (status, problem) = await platform.SendFreshAsync(() => Request(application), Cancellation);
            Assert.Equal((HttpStatusCode.Unauthorized, "request_replayed"), (status, problem.Text("code")));
        }

        async Task<HttpStatusCode> IssueAsync(TestApplication application) => (await platform.SendAsync(Request(application), Cancellation)).Status;

        HttpRequestMessage Request(TestApplication application) =>
            SignedRequests.V2(application, "/auth/token", SignedRequests.TokenBody(SignedRequests.NewUser()), nonce: nonce);
    }

    [Fact]
    public async Task Verify_FiftyIdenticalRequestsAtOnce_OneSucceeds()
    {
        var application = await platform.CreateApplicationAsync(_ => { }, Cancellation);
        var issued = await platform.IssueAsync(application, SignedRequests.NewUser(), Cancellation);
        var body = SignedRequests.VerifyBody(issued.Text("access_token"));
        var (timestamp, nonce) = (SignedRequests.Now(), SignedRequests.Nonce());
        var answers = await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => platform.SendAsync(SignedRequests.V2(application, "/auth/verify", body, timestamp, nonce), Cancellation)));

        Assert.Single(answers, a => a.Status == HttpStatusCode.OK);
        Assert.All(answers.Where(a => a.Status != HttpStatusCode.OK), a => Assert.Contains(a.Body.Text("code"), Refusals));
    }

    /// <summary>The token is looked at while the memory is asked; nothing of what that finds may be told.</summary>
    [Theory]
    [InlineData("""{"token":"no-token"}""")]
    [InlineData("""{"token":1}""")]
    [InlineData("{}")]
    [InlineData("no JSON")]
    public async Task Verify_NonceOfBeforeWithSomethingElse_SaysOnlyThatItIsReplayed(string body)
    {
        var (timestamp, nonce) = (0L, "");
        await platform.SendFreshAsync(
            () => SignedRequests.V2(platform.Bootstrap, "/auth/verify", SignedRequests.VerifyBody("no-token"), timestamp = SignedRequests.Now(), nonce = SignedRequests.Nonce()), Cancellation);
        var (status, problem) = await platform.SendFreshAsync(() => SignedRequests.V2(platform.Bootstrap, "/auth/verify", body, timestamp, nonce), Cancellation);

        Assert.Equal(HttpStatusCode.Unauthorized, status);
        Assert.Equal("request_replayed", problem.Text("code"));
    }

    [Fact]
    public async Task V1Signature_AtASecondEndpoint_IsRefused()
    {
        var issued = await platform.IssueAsync(platform.Bootstrap, SignedRequests.NewUser(), Cancellation);
        var body = "";
        Assert.Equal(HttpStatusCode.OK, (await platform.SendFreshAsync(() => SignedRequests.V1(platform.Bootstrap, "/auth/verify", body = Body()), Cancellation)).Status);
        var (status, problem) = await platform.SendFreshAsync(() => SignedRequests.V1(platform.Bootstrap, "/auth/token", body), Cancellation);
        Assert.Equal((HttpStatusCode.Unauthorized, "request_replayed"), (status, problem.Text("code")));

        // Method and path are not signed in v1: one body that both endpoints would take.
        string Body() => $$"""{"unique_key":"{{SignedRequests.NewUser()}}","token":"{{issued.Text("access_token")}}","timestamp":{{SignedRequests.Now()}}}""";
    }
}
