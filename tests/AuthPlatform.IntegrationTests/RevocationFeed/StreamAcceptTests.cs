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
    [InlineData("application/json, text/event-stream;q=0.1", "application/json")]
    [InlineData("text/event-stream;q=0.5, application/*;q=0.6, */*;q=0.1", "application/json")]
    [InlineData("*/*, application/json;q=0.5, text/event-stream;q=0.5", "text/event-stream")]
    public async Task Feed_OfACallerThatAccepts_IsOfThatType(string accepted, string expected)
    {
        var application = await platform.CreateApplicationAsync(_ => { }, Cancellation);
        using var response = await platform.Gateway.SendFreshAsync(
            () => Task.FromResult(Request(HttpMethod.Get, application, accepted)), Cancellation, HttpCompletionOption.ResponseHeadersRead);

        Assert.Equal((HttpStatusCode.OK, expected), (response.StatusCode, response.Content.Headers.ContentType?.MediaType));
    }

    /// <summary>A stream has no end after which to answer.</summary>
    [Fact]
    public async Task Feed_OfACallerThatWantsItsHeadersAlone_HasThoseOfAPage()
    {
        var application = await platform.CreateApplicationAsync(_ => { }, Cancellation);
        using var response = await platform.Gateway.SendFreshAsync(() => Request(HttpMethod.Head, application, "text/event-stream"), Cancellation);

        Assert.Equal((HttpStatusCode.OK, "application/json"), (response.StatusCode, response.Content.Headers.ContentType?.MediaType));
        Assert.True(response.Content.Headers.ContentLength > 0);
        Assert.Empty(await response.Content.ReadAsByteArrayAsync(Cancellation));
    }

    private static HttpRequestMessage Request(HttpMethod method, TestApplication application, string accepted)
    {
        var request = new HttpRequestMessage(method, $"/auth/{application.ClientId}/revocations").WithBasic(application);
        Assert.True(request.Headers.TryAddWithoutValidation("Accept", accepted));
        return request;
    }
}
