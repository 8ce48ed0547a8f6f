using System.Net;
using System.Net.Http.Headers;
using System.Text;
using AuthPlatform.IntegrationTests.Infrastructure;

namespace AuthPlatform.IntegrationTests.Gateway;

/// <summary>Who asks too much is told so and when to come back, and nobody else notices.</summary>
public sealed class RateLimitTests(AuthPlatformFixture platform)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Limits_WhenReached_Answer429ToThatCallerAlone()
    {
        using var gateway = await GatewayProcess.StartAsync(
            platform,
            new()
            {
                ["Limits__FailedSignatures__PerSecond"] = "1",
                ["Limits__FailedSignatures__Burst"] = "30",
                ["Limits__Application__PerSecond"] = "1",
                ["Limits__Application__Burst"] = "20",
                ["Limits__PublicKeys__PerSecond"] = "1",
                ["Limits__PublicKeys__Burst"] = "20",
            },
            Cancellation);
        var guessed = await platform.CreateApplicationAsync(_ => { }, Cancellation);
        var spelt = await platform.CreateApplicationAsync(_ => { }, Cancellation);
        var busy = await platform.CreateApplicationAsync(_ => { }, Cancellation);
        var reading = await platform.CreateApplicationAsync(_ => { }, Cancellation);

        // A token that is refused is no guess at a secret.
        for (var i = 0; i < 60; i++)
        {
            using var refused = await SendAsync(gateway, () => SignedRequests.V2(busy, "/auth/verify", SignedRequests.VerifyBody("garbage")));
            Assert.Equal(HttpStatusCode.Unauthorized, refused.StatusCode);
        }

        // Strangers who name an application use up what they may guess, not what it may do; and however they spell its name.
        await AssertLimitedAfterAsync(30, HttpStatusCode.Unauthorized, "failed signatures", () => SendAsync(gateway, () => Token(guessed with { Secret = "wrong" })));
        var spelling = 0;
        await AssertLimitedAfterAsync(30, HttpStatusCode.Unauthorized, "failed signatures", () => SendAsync(gateway, () => Guess(spelt, spelling++)));
        await AssertLimitedAfterAsync(20, HttpStatusCode.OK, "application", () => SendAsync(gateway, () => Token(busy)));
        await AssertLimitedAfterAsync(
            20, HttpStatusCode.OK, "application", () => SendAsync(gateway, () => new HttpRequestMessage(HttpMethod.Get, $"/auth/{reading.ClientId}/revocations").WithBasic(reading)));
        // Whoever they say to be, and whichever public document they read.
        var reads = 0;
        await AssertLimitedAfterAsync(
            20, HttpStatusCode.OK, "public keys", () => SendAsync(gateway, () => Read(reads++ % 2 == 0 ? $"/auth/{busy.ClientId}/jwks" : $"/.well-known/oauth-authorization-server/auth/{busy.ClientId}")));
        // A script is told, too.
        using var unread = await SendAsync(gateway, () => Read($"/auth/{busy.ClientId}/jwks"));
        Assert.Equal("*", Assert.Single(unread.Headers.GetValues("Access-Control-Allow-Origin")));

        using var other = await SendAsync(gateway, () => Token(platform.Bootstrap));
        Assert.Equal(HttpStatusCode.OK, other.StatusCode);
    }

    /// <summary>A permit may have come back while the others were used, so more requests are sent than a rest allows.</summary>
    internal static async Task AssertLimitedAfterAsync(int burst, HttpStatusCode before, string limit, Func<Task<HttpResponseMessage>> send)
    {
        var answers = new List<HttpResponseMessage>();
        try
        {
            for (var i = 0; i < 4 * burst; i++)
            {
                answers.Add(await send());
            }

            Assert.All(answers.Take(burst), answer => Assert.Equal(before, answer.StatusCode));
            var refused = answers.First(answer => answer.StatusCode != before);
            var problem = await refused.ReadJsonAsync(Cancellation);
            Assert.Equal((HttpStatusCode.TooManyRequests, "too_many_requests"), (refused.StatusCode, problem.Text("code")));
            Assert.Contains($"(limit: {limit})", problem.Text("detail"), StringComparison.Ordinal);
            Assert.Equal(TimeSpan.FromSeconds(1), refused.Headers.RetryAfter?.Delta);
        }
        finally
        {
            answers.ForEach(answer => answer.Dispose());
        }
    }

    private static Task<HttpResponseMessage> SendAsync(RunningService gateway, Func<HttpRequestMessage> make) => gateway.Http.SendFreshAsync(make, Cancellation);

    private static HttpRequestMessage Token(TestApplication application) => SignedRequests.V2(application, "/auth/token", SignedRequests.TokenBody("limited"));

    /// <summary>A wrong password, each time with another letter of the id percent-encoded.</summary>
    private static HttpRequestMessage Guess(TestApplication application, int spelling)
    {
        var at = spelling % application.ClientId.Length;
        var user = $"{application.ClientId[..at]}%{(int)application.ClientId[at]:X2}{application.ClientId[(at + 1)..]}";
        var request = OAuthRequests.Form($"/auth/{application.ClientId}/oauth2/introspect", ("token", "x"));
        request.Headers.Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.ASCII.GetBytes($"{user}:wrong")));
        return request;
    }

    private static HttpRequestMessage Read(string path)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.Add("X-Client-Id", "whoever");
        return request;
    }
}
