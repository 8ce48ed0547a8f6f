using AuthPlatform.IntegrationTests.Infrastructure;

namespace AuthPlatform.IntegrationTests.RevocationFeed;

/// <summary>A resource server that keeps up with an application's revocations, whatever happens: a stream that ends is opened again where it was.</summary>
internal sealed class FeedFollower(AuthPlatformFixture platform, TestApplication application) : IAsyncDisposable
{
    private FeedReader? _reader;
    private string? _last;

    /// <summary>The sessions that it has been told of, in order.</summary>
    public List<string> Told { get; } = [];

    /// <summary>Reads on until it has been told of so many.</summary>
    public async Task ReadAsync(int count, CancellationToken cancellationToken)
    {
        while (Told.Count < count)
        {
            _reader ??= await OpenAsync(cancellationToken);
            if (await _reader.NextAsync() is var (id, revocation))
            {
                _last = id;
                Told.Add(revocation.Text("sid"));
            }
            else
            {
                await DisposeAsync();
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_reader is { } reader)
        {
            _reader = null;
            await reader.DisposeAsync();
        }
    }

    private async Task<FeedReader> OpenAsync(CancellationToken cancellationToken)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, $"/auth/{application.ClientId}/revocations").WithBasic(application);
        if (_last is not null)
        {
            request.Headers.Add("Last-Event-ID", _last);
        }

        return await FeedReader.OpenAsync(platform.Gateway, request, cancellationToken);
    }
}
