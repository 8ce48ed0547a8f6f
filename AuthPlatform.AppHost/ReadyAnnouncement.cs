using AuthPlatform.Contracts.OldDeployment;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Configuration.Json;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace AuthPlatform.AppHost;

/// <summary>Tells the developer, once everything is healthy, what to call and with which application.</summary>
internal static partial class ReadyAnnouncement
{
    private const string ClientSecret = "Parameters:bootstrap-client-secret";

    public static void AnnounceWhenReady(
        this IDistributedApplicationBuilder builder,
        IResourceBuilder<ProjectResource> gateway,
        IResourceBuilder<ParameterResource> clientId,
        OldVariables old)
    {
        var secret = IsInUserSecrets(builder.Configuration) ? $"dotnet user-secrets list --project AuthPlatform.AppHost   ({ClientSecret})" : "as you set it";
        gateway.OnResourceReady(async (resource, ready, cancellationToken) =>
        {
            var logger = ready.Services.GetRequiredService<ILoggerFactory>().CreateLogger("AuthPlatform");
            if (old.Settings.Count > 0)
            {
                Log.SetByOldVariables(logger, string.Join(", ", old.Settings.Keys));
            }

            Log.Ready(logger, resource.GetEndpoint("http").Url, await clientId.Resource.GetValueAsync(cancellationToken), secret);
        });
    }

    /// <summary>Whether it was generated, in this run or an earlier one, and nobody has set another.</summary>
    private static bool IsInUserSecrets(IConfigurationRoot settings) => string.IsNullOrEmpty(settings[ClientSecret])
        || settings.Providers.Last(provider => provider.TryGet(ClientSecret, out _)) is JsonConfigurationProvider { Source.Path: "secrets.json" };

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Information, """
            AuthPlatform is ready
              Gateway:       {GatewayUrl}
              Application:   {ClientId}
              Its secret:    {Secret}
              Administration: {GatewayUrl}/admin   (admin-web prints the first administrator's set-up link)
              Command line:  dotnet run --project AuthPlatform.Cli -- doctor
            """)]
        public static partial void Ready(ILogger logger, string gatewayUrl, string? clientId, string secret);

        [LoggerMessage(2, LogLevel.Information, "Set by variables of the older service, such as CLIENT_ID or ENVIRONMENT (docs/migrating.md): {Settings}")]
        public static partial void SetByOldVariables(ILogger logger, string settings);
    }
}
