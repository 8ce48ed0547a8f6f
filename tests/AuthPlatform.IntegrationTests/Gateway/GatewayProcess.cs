using System.Net;
using System.Net.Sockets;
using AuthPlatform.Contracts;
using AuthPlatform.IntegrationTests.Infrastructure;

namespace AuthPlatform.IntegrationTests.Gateway;

/// <summary>A second gateway in front of the running services, with settings of its own.</summary>
internal static class GatewayProcess
{
    public static Task<RunningService> StartAsync(AuthPlatformFixture platform, Dictionary<string, string> settings, CancellationToken cancellationToken)
    {
        settings.TryAdd("services__key-manager__http__0", platform.App.GetEndpoint(ResourceNames.KeyManager).ToString());
        settings.TryAdd("services__admin-web__http__0", platform.App.GetEndpoint(ResourceNames.AdminWeb).ToString());
        for (var i = 0; i < platform.TokenApis.Count; i++)
        {
            settings.TryAdd($"services__token-api__http__{i}", platform.TokenApis[i].BaseAddress!.ToString());
        }

        return RunningService.StartAsync("AuthPlatform.Gateway", settings, cancellationToken);
    }

    /// <summary>One that serves https too, at a port that was free a moment ago.</summary>
    public static async Task<(RunningService Gateway, int TlsPort)> StartWithTlsAsync(
        AuthPlatformFixture platform, TestCertificate certificate, Dictionary<string, string> settings, CancellationToken cancellationToken)
    {
        using var reserved = new TcpListener(IPAddress.Loopback, 0);
        reserved.Start();
        var port = ((IPEndPoint)reserved.LocalEndpoint).Port;
        reserved.Stop();
        settings["Kestrel__Endpoints__Plain__Url"] = "http://127.0.0.1:0";
        settings["Kestrel__Endpoints__Tls__Url"] = $"https://127.0.0.1:{port}";
        settings["Tls__CertificatePath"] = certificate.CertificatePath;
        settings["Tls__KeyPath"] = certificate.KeyPath;
        return (await StartAsync(platform, settings, cancellationToken), port);
    }
}
