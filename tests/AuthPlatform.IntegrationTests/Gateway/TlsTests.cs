using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using AuthPlatform.IntegrationTests.Infrastructure;

namespace AuthPlatform.IntegrationTests.Gateway;

/// <summary>TLS from certificate files, as an operator's certificate tool leaves and renews them.</summary>
public sealed class TlsTests(AuthPlatformFixture platform)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Certificate_ReplacedOnDisk_IsServedWithoutARestart()
    {
        using var certificate = new TestCertificate();
        var first = certificate.Thumbprint;
        var (gateway, port) = await GatewayProcess.StartWithTlsAsync(platform, certificate, [], Cancellation);
        using (gateway)
        {
            var (served, hsts) = await GetAsync(port);
            Assert.Equal(first, served);
            Assert.Equal("max-age=31536000", hsts);

            var second = certificate.Renew();
            await Eventually.TrueAsync(async () => (await GetAsync(port)).Thumbprint == second, Cancellation);
        }
    }

    private static async Task<(string Thumbprint, string? Hsts)> GetAsync(int port)
    {
        var served = "";
        using var handler = new SocketsHttpHandler
        {
            ConnectCallback = async (_, cancellationToken) =>
            {
                var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
                await socket.ConnectAsync(IPAddress.Loopback, port, cancellationToken);
                return new NetworkStream(socket, ownsSocket: true);
            },
            SslOptions = new SslClientAuthenticationOptions
            {
                // The test's own certificate: what counts is which one it is.
                RemoteCertificateValidationCallback = (_, certificate, _, _) => (served = certificate!.GetCertHashString()).Length > 0,
            },
        };
        using var client = new HttpClient(handler);
        using var response = await client.GetAsync(new Uri("https://auth.example/health"), Cancellation);
        return (served, response.Headers.TryGetValues("Strict-Transport-Security", out var hsts) ? hsts.Single() : null);
    }
}
