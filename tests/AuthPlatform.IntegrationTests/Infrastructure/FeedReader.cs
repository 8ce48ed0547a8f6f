using System.Net.ServerSentEvents;
using System.Text.Json;

namespace AuthPlatform.IntegrationTests.Infrastructure;

/// <summary>A resource server that follows the revocations of an application as a stream.</summary>
internal sealed class FeedReader : IAsyncDisposable
{
    private readonly HttpResponseMessage _response;
    private readonly IAsyncEnumerator<SseItem<string>> _events;

    private FeedReader(HttpResponseMessage response, IAsyncEnumerator<SseItem<string>> events) => (_response, _events) = (response, events);

    public static async Task<FeedReader> OpenAsync(HttpClient client, HttpRequestMessage request, CancellationToken cancellationToken)
    {
        using (request)
        {
            request.Headers.Accept.ParseAdd("text/event-stream");
            var response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
            response.EnsureSuccessStatusCode();
            Assert.Equal("text/event-stream", response.Content.Headers.ContentType?.MediaType);
            var events = SseParser.Create(await response.Content.ReadAsStreamAsync(cancellationToken)).EnumerateAsync(cancellationToken);
            return new FeedReader(response, events.GetAsyncEnumerator(cancellationToken));
        }
    }

    /// <summary>The next event, or null when the stream has ended as it should.</summary>
    public async Task<(string Id, JsonElement Revocation)?> NextAsync()
    {
        if (!await _events.MoveNextAsync())
        {
            return null;
        }

        Assert.Equal("revocation", _events.Current.EventType);
        return (_events.Current.EventId!, JsonElement.Parse(_events.Current.Data));
    }

    public async ValueTask DisposeAsync()
    {
        // First the connection: whoever still waits for the next event would else be waited for.
        _response.Dispose();
        await _events.DisposeAsync();
    }
}
