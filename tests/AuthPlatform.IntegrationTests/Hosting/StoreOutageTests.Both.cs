using System.Net;
using AuthPlatform.Contracts;
using AuthPlatform.IntegrationTests.Infrastructure;

namespace AuthPlatform.IntegrationTests.Hosting;

/// <summary>With both stores away at once.</summary>
public sealed partial class StoreOutageTests
{
    /// <summary>
    /// With neither memory nobody may say that a request is new. Here it asks about what is no token, which would be told without any store: only the memory stands in the way.
    /// </summary>
    [Fact]
    public async Task BothStores_StoppedAndStarted_NobodyIsAnsweredAndTheUsedRequestNeverAgain()
    {
        var body = SignedRequests.VerifyBody("no-token");
        var (timestamp, nonce) = (0L, "");
        foreach (var replica in platform.TokenApis)
        {
            // From then on it knows the application without asking.
            var (_, answer) = await AuthPlatformFixture.SendFreshAsync(replica, () => Verify(timestamp = SignedRequests.Now(), nonce = SignedRequests.Nonce()), Cancellation);
            Assert.Equal(ErrorCodes.InvalidToken, answer.Text("code"));
        }

        await Task.WhenAll(CommandAsync(ResourceNames.Redis, KnownResourceCommands.StopCommand), CommandAsync(ResourceNames.Postgres, KnownResourceCommands.StopCommand));

        foreach (var replica in platform.TokenApis)
        {
            await AssertUnavailableAsync(replica, Verify(timestamp, nonce));
            await AssertUnavailableAsync(replica, Verify(SignedRequests.Now(), SignedRequests.Nonce()));
        }

        await Task.WhenAll(CommandAsync(ResourceNames.Redis, KnownResourceCommands.StartCommand), CommandAsync(ResourceNames.Postgres, KnownResourceCommands.StartCommand));
        await Task.WhenAll(
            platform.App.ResourceNotifications.WaitForResourceHealthyAsync(ResourceNames.Redis, Cancellation),
            platform.App.ResourceNotifications.WaitForResourceHealthyAsync(ResourceNames.Postgres, Cancellation));
        await FirstAcceptedAsync();
        await Eventually.TrueAsync(
            async () =>
            {
                var (_, answer) = await platform.SendAsync(Verify(timestamp, nonce), Cancellation);
                Assert.NotEqual(ErrorCodes.InvalidToken, answer.Text("code"));
                return answer.Text("code") == ErrorCodes.RequestReplayed;
            },
            Cancellation);
        await Eventually.TrueAsync(async () => await StatusAsync("/health/ready") == HttpStatusCode.OK, Cancellation);
        // Whoever comes first to the pages finds a connection that has died; nobody repeats that for them.
        await Eventually.TrueAsync(async () => await StatusAsync(SetupPage) == HttpStatusCode.OK, Cancellation);

        HttpRequestMessage Verify(long signedAt, string once) => SignedRequests.V2(platform.Bootstrap, "/auth/verify", body, signedAt, once);
    }

    private static async Task AssertUnavailableAsync(HttpClient replica, HttpRequestMessage request)
    {
        using (request)
        {
            using var response = await replica.SendAsync(request, Cancellation);
            Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
            Assert.NotNull(response.Headers.RetryAfter);
        }
    }
}
