using System.Net;
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
        var busy = await platform.CreateApplicationAsync(_ => { }, Cancellation);

        // Strangers who name an application use up what they may guess, not what it may do.
        await AssertLimitedAfterAsync(30, HttpStatusCode.Unauthorized, "failed signatures", () => SendAsync(gateway, guessed with { Secret = "wrong" }));
        await AssertLimitedAfterAsync(20, HttpStatusCode.OK, "application", () => SendAsync(gateway, busy));
        // Whoever they say to be, and whichever public document they read.
        var reads = 0;
        await AssertLimitedAfterAsync(20, HttpStatusCode.OK, "public keys", () => ReadAsync(gateway, reads++ % 2 == 0 ? $"/auth/{busy.ClientId}/jwks" : $"/.well-known/oauth-authorization-server/auth/{busy.ClientId}"));

        using var other = await SendAsync(gateway, platform.Bootstrap);
        Assert.Equal(HttpStatusCode.OK, other.StatusCode);
    }

    [Fact]
    public async Task Address_BeyondItsLimit_StillSeesTheHealthOfTheGateway()
    {
        using var gateway = await GatewayProcess.StartAsync(
            platform, new() { ["Limits__Address__PerSecond"] = "1", ["Limits__Address__Burst"] = "5" }, Cancellation);

        await AssertLimitedAfterAsync(5, HttpStatusCode.NotFound, "address", () => gateway.Http.GetAsync(new Uri("/nothing", UriKind.Relative), Cancellation));

        using var health = await gateway.Http.GetAsync(new Uri("/health/ready", UriKind.Relative), Cancellation);
        Assert.Equal(HttpStatusCode.OK, health.StatusCode);
    }

    /// <summary>A permit may have come back while the others were used, so more requests are sent than a rest allows.</summary>
    private static async Task AssertLimitedAfterAsync(int burst, HttpStatusCode before, string limit, Func<Task<HttpResponseMessage>> send)
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

    private static async Task<HttpResponseMessage> ReadAsync(RunningService gateway, string path)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.Add("X-Client-Id", "whoever");
        return await gateway.Http.SendAsync(request, Cancellation);
    }

    private static async Task<HttpResponseMessage> SendAsync(RunningService gateway, TestApplication application)
    {
        using var request = SignedRequests.V2(application, "/auth/token", SignedRequests.TokenBody("limited"));
        return await gateway.Http.SendAsync(request, Cancellation);
    }
}
