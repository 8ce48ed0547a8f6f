using System.Globalization;
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

    /// <summary>One that serves https too, at a free port.</summary>
    public static async Task<(RunningService Gateway, int TlsPort)> StartWithTlsAsync(
        AuthPlatformFixture platform, TestCertificate certificate, Dictionary<string, string> settings, CancellationToken cancellationToken)
    {
        settings["Kestrel__Endpoints__Plain__Url"] = "http://127.0.0.1:0";
        settings["Kestrel__Endpoints__Tls__Url"] = "https://127.0.0.1:0";
        settings["Tls__CertificatePath"] = certificate.CertificatePath;
        settings["Tls__KeyPath"] = certificate.KeyPath;
        var gateway = await StartAsync(platform, settings, cancellationToken);
        try
        {
            string? listening = null;
            await Eventually.TrueAsync(
                () => Task.FromResult((listening = gateway.Log.FirstOrDefault(line => line.Contains("Now listening on: https://", StringComparison.Ordinal))) is not null), cancellationToken);
            return (gateway, int.Parse(listening!.Split(':')[^1], CultureInfo.InvariantCulture));
        }
        catch
        {
            gateway.Dispose();
            throw;
        }
    }
}
