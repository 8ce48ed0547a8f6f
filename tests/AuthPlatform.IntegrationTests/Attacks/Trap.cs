using System.Net;
using System.Net.Sockets;

namespace AuthPlatform.IntegrationTests.Attacks;

/// <summary>An address that tokens name and nobody may call.</summary>
internal sealed class Trap : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);

    public Trap() => _listener.Start();

    public Uri Address => new($"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}/");

    /// <summary>Nobody has called so far; and a call would have been noticed.</summary>
    public async Task AssertEmptyAsync(CancellationToken cancellationToken)
    {
        Assert.False(_listener.Pending(), "Somebody called an address that a token named");
        using var caller = new TcpClient();
        await caller.ConnectAsync(Address.Host, Address.Port, cancellationToken);
        Assert.True(_listener.Pending());
        (await _listener.AcceptTcpClientAsync(cancellationToken)).Dispose();
    }

    public void Dispose() => _listener.Dispose();
}
