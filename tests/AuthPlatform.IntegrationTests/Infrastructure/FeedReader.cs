using System.Net.ServerSentEvents;
using System.Text.Json;

namespace AuthPlatform.IntegrationTests.Infrastructure;

/// <summary>A resource server that follows the revocations of an application as a stream.</summary>
internal sealed class FeedReader : IAsyncDisposable
{
    private readonly HttpResponseMessage _response;
    private readonly IAsyncEnumerator<SseItem<string>> _events;
    private readonly CancellationTokenSource _patience;

    private FeedReader(HttpResponseMessage response, IAsyncEnumerator<SseItem<string>> events, CancellationTokenSource patience) =>
        (_response, _events, _patience) = (response, events, patience);

    public static Task<FeedReader> OpenAsync(HttpClient client, Func<HttpRequestMessage> make, CancellationToken cancellationToken) =>
        OpenAsync(client, () => Task.FromResult(make()), cancellationToken);

    public static async Task<FeedReader> OpenAsync(HttpClient client, Func<Task<HttpRequestMessage>> make, CancellationToken cancellationToken)
    {
        var response = await client.SendFreshAsync(
            async () =>
            {
                var request = await make();
                request.Headers.Accept.ParseAdd("text/event-stream");
                return request;
            },
            cancellationToken,
            HttpCompletionOption.ResponseHeadersRead);
        response.EnsureSuccessStatusCode();
        Assert.Equal("text/event-stream", response.Content.Headers.ContentType?.MediaType);
        var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var events = SseParser.Create(await response.Content.ReadAsStreamAsync(cancellationToken)).EnumerateAsync(patience.Token);
        return new FeedReader(response, events.GetAsyncEnumerator(patience.Token), patience);
    }

    /// <summary>The next event, or null when the stream has ended as it should. One that never comes is not waited for for ever: streams go on without it.</summary>
    public async Task<(string Id, JsonElement Revocation)?> NextAsync()
    {
        _patience.CancelAfter(Eventually.Patience);
        if (!await _events.MoveNextAsync())
        {
            return null;
        }

        _patience.CancelAfter(Timeout.InfiniteTimeSpan);
        Assert.Equal("revocation", _events.Current.EventType);
        return (_events.Current.EventId!, JsonElement.Parse(_events.Current.Data));
    }

    public async ValueTask DisposeAsync()
    {
        // First the connection: whoever still waits for the next event would else be waited for.
        _response.Dispose();
        await _events.DisposeAsync();
        _patience.Dispose();
    }
}
