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
}
