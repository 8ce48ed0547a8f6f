using StackExchange.Redis;

namespace AuthPlatform.IntegrationTests.Infrastructure;

/// <summary>One connection for all tests of a platform, which are many; another one once a test has stopped Redis.</summary>
public sealed class SharedRedis : IAsyncDisposable
{
    private readonly SemaphoreSlim _connecting = new(1);
    private ConnectionMultiplexer? _current;

    /// <summary>The connection, which is not to be disposed of.</summary>
    public async Task<ConnectionMultiplexer> ConnectAsync(string connectionString, CancellationToken cancellationToken)
    {
        await _connecting.WaitAsync(cancellationToken);
        try
        {
            if (_current is { IsConnected: true })
            {
                return _current;
            }

            if (_current is not null)
            {
                await _current.DisposeAsync();
            }

            return _current = await ConnectionMultiplexer.ConnectAsync(connectionString);
        }
        finally
        {
            _connecting.Release();
        }
    }

    public async ValueTask DisposeAsync()
    {
        _connecting.Dispose();
        if (_current is not null)
        {
            await _current.DisposeAsync();
        }
    }
}
