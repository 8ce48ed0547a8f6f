using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using AuthPlatform.IntegrationTests.Infrastructure;

namespace AuthPlatform.IntegrationTests.Gateway;

/// <summary>TLS from certificate files, as an operator's certificate tool leaves and renews them.</summary>
public sealed class TlsTests(AuthPlatformFixture platform)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Certificate_ReplacedOnDisk_IsServedWithoutARestart()
    {
        var folder = Directory.CreateTempSubdirectory("authplatform-tls-");
        try
        {
            var first = WriteCertificate(folder);
            using var reserved = new TcpListener(IPAddress.Loopback, 0);
            reserved.Start();
            var port = ((IPEndPoint)reserved.LocalEndpoint).Port;
            reserved.Stop();
            using var gateway = await GatewayProcess.StartAsync(
                platform,
                new()
                {
                    ["Kestrel__Endpoints__Plain__Url"] = "http://127.0.0.1:0",
                    ["Kestrel__Endpoints__Tls__Url"] = $"https://127.0.0.1:{port}",
                    ["Tls__CertificatePath"] = Path.Combine(folder.FullName, "tls.crt"),
                    ["Tls__KeyPath"] = Path.Combine(folder.FullName, "tls.key"),
                },
                Cancellation);

            var (served, hsts) = await GetAsync(port);
            Assert.Equal(first, served);
            Assert.Equal("max-age=31536000", hsts);

            File.WriteAllText(Path.Combine(folder.FullName, "tls.crt"), "half of a renewal");
            Assert.Equal(first, (await GetAsync(port)).Thumbprint);
            var second = WriteCertificate(folder);
            while (served != second)
            {
                (served, _) = await GetAsync(port);
                await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System, Cancellation);
            }
        }
        finally
        {
            folder.Delete(recursive: true);
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

    private static string WriteCertificate(DirectoryInfo folder)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var now = TimeProvider.System.GetUtcNow();
        using var certificate = new CertificateRequest("CN=auth.example", key, HashAlgorithmName.SHA256).CreateSelfSigned(now.AddDays(-1), now.AddDays(1));
        File.WriteAllText(Path.Combine(folder.FullName, "tls.key"), key.ExportPkcs8PrivateKeyPem());
        File.WriteAllText(Path.Combine(folder.FullName, "tls.crt"), certificate.ExportCertificatePem());
        return certificate.GetCertHashString();
    }
}
