using System.Net;
using AuthPlatform.IntegrationTests.Infrastructure;

namespace AuthPlatform.IntegrationTests.RevocationFeed;

/// <summary>Who gets the feed as a stream, and who as a page.</summary>
public sealed class StreamAcceptTests(AuthPlatformFixture platform)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>Names of media types are compared without regard to case (RFC 9110 §8.3.1).</summary>
    [Theory]
    [InlineData("text/event-stream", "text/event-stream")]
    [InlineData("Text/Event-Stream", "text/event-stream")]
    [InlineData("application/json;q=0.5, TEXT/EVENT-STREAM", "text/event-stream")]
    [InlineData("Text/Event-Stream;q=0", "application/json")]
    [InlineData("text/event-streams", "application/json")]
    [InlineData("application/json", "application/json")]
    public async Task Feed_OfACallerThatAccepts_IsOfThatType(string accepted, string expected)
    {
        var application = await platform.CreateApplicationAsync(_ => { }, Cancellation);
        using var response = await platform.Gateway.SendFreshAsync(() => Task.FromResult(Request()), Cancellation, HttpCompletionOption.ResponseHeadersRead);

        Assert.Equal((HttpStatusCode.OK, expected), (response.StatusCode, response.Content.Headers.ContentType?.MediaType));

        HttpRequestMessage Request()
        {
            var request = new HttpRequestMessage(HttpMethod.Get, $"/auth/{application.ClientId}/revocations").WithBasic(application);
            Assert.True(request.Headers.TryAddWithoutValidation("Accept", accepted));
            return request;
        }
    }
}
