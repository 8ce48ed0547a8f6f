using System.Text.Json;
using AuthPlatform.IntegrationTests.Infrastructure;

namespace AuthPlatform.IntegrationTests.RevocationFeed;

/// <summary>A resource server that keeps up with an application's revocations, whatever happens: a stream that ends is opened again where it was.</summary>
internal sealed class FeedFollower(HttpClient client, Func<Task<HttpRequestMessage>> make) : IAsyncDisposable
{
    private FeedReader? _reader;
    private string? _last;

    public FeedFollower(AuthPlatformFixture platform, TestApplication application)
        : this(platform.Gateway, () => Task.FromResult(new HttpRequestMessage(HttpMethod.Get, $"/auth/{application.ClientId}/revocations").WithBasic(application)))
    {
    }

    /// <summary>The sessions that it has been told of, in order.</summary>
    public List<string> Told { get; } = [];

    /// <summary>All that it was told of the last one.</summary>
    public JsonElement Last { get; private set; }

    /// <summary>How many streams it has opened for that.</summary>
    public int Streams { get; private set; }

    /// <summary>Reads on until it has been told of so many.</summary>
    public async Task ReadAsync(int count, CancellationToken cancellationToken)
    {
        while (Told.Count < count)
        {
            _reader ??= await OpenAsync(cancellationToken);
            if (await _reader.NextAsync() is var (id, revocation))
            {
                (_last, Last) = (id, revocation);
                Told.Add(revocation.Text("sid"));
            }
            else
            {
                await DisposeAsync();
            }
        }
    }

    /// <summary>Ends the stream; if it reads on, then with another one.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_reader is { } reader)
        {
            _reader = null;
            await reader.DisposeAsync();
        }
    }

    private Task<FeedReader> OpenAsync(CancellationToken cancellationToken)
    {
        Streams++;
        return FeedReader.OpenAsync(
            client,
            async () =>
            {
                var request = await make();
                if (_last is not null)
                {
                    request.Headers.Add("Last-Event-ID", _last);
                }

                return request;
            },
            cancellationToken);
    }
}
