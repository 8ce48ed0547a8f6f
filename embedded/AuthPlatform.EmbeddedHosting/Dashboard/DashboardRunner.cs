using System.Globalization;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Running;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Aspire.Hosting.Dashboard;

/// <summary>
/// Runs the dashboard at its <see cref="DashboardEndpoints"/>, and the service it asks for resources, beside the application: whatever goes wrong here costs one warning and nothing
/// else. That there is no dashboard, and so no endpoints, is told by the same warning.
/// </summary>
internal sealed partial class DashboardRunner(
    IServiceProvider services,
    IHostEnvironment environment,
    TimeProvider timeProvider,
    ILogger<DistributedApplication> logger,
    DashboardEndpoints? endpoints = null) : BackgroundService
{
    private const string Ready = "Login to the dashboard at ";

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            await RunAsync(endpoints ?? throw new PlatformNotSupportedException("npm brought no Aspire CLI for this platform."), stoppingToken);
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The application stops.
        }
        catch (Exception exception)
        {
            Log.Unavailable(logger, exception.Message);
        }
    }

    private async Task RunAsync(DashboardEndpoints endpoints, CancellationToken stoppingToken)
    {
        await using var resourceService = await ResourceServiceHost.StartAsync(
            endpoints,
            new ResourceService(
                environment.ApplicationName,
                timeProvider.GetUtcNow(),
                services.GetRequiredService<ResourceNotificationService>(),
                services.GetRequiredService<ResourceLoggerService>(),
                services.GetRequiredService<ResourceCommandService>()),
            stoppingToken);

        var program = await DashboardBundle.UnpackAsync(DashboardBundle.Find(DashboardBundle.NodeModules)!, stoppingToken);
        var lastLine = "";
        var dashboard = await ChildProcess.StartAsync(new ProcessSpec(program, ["dashboard"]) { Environment = Settings(endpoints) }, (line, _) =>
        {
            // Only its own word says that it is up: on a fixed port, another AppHost's dashboard may be the one that answers.
            lastLine = line.Trim();
            if (lastLine.StartsWith(Ready, StringComparison.Ordinal))
            {
                Log.Login(logger, lastLine[Ready.Length..]);
            }
        });
        try
        {
            var exitCode = await dashboard.Exited.WaitAsync(stoppingToken);
            throw new InvalidOperationException($"It ended with exit code {exitCode}. {lastLine}");
        }
        finally
        {
            // It keeps nothing, and would take a second to let go of its browsers.
            await dashboard.StopAsync(patience: new CancellationToken(canceled: true));
        }
    }

    private static Dictionary<string, string> Settings(DashboardEndpoints endpoints) => new()
    {
        ["ASPNETCORE_ENVIRONMENT"] = "Production",
        ["ASPNETCORE_URLS"] = endpoints.FrontendUrl,
        ["Logging__LogLevel__Aspire.Dashboard"] = "Information", // or it would not say that it is up
        ["ASPIRE_DASHBOARD_OTLP_ENDPOINT_URL"] = endpoints.OtlpGrpcEndpoint,
        ["ASPIRE_DASHBOARD_OTLP_HTTP_ENDPOINT_URL"] = endpoints.OtlpHttpEndpoint,
        ["ASPIRE_RESOURCE_SERVICE_ENDPOINT_URL"] = endpoints.ResourceServiceUrl,
        ["DASHBOARD__FRONTEND__AUTHMODE"] = "BrowserToken",
        ["DASHBOARD__FRONTEND__BROWSERTOKEN"] = endpoints.BrowserToken,
        ["DASHBOARD__OTLP__AUTHMODE"] = "ApiKey",
        ["DASHBOARD__OTLP__PRIMARYAPIKEY"] = endpoints.OtlpApiKey,
        ["DASHBOARD__RESOURCESERVICECLIENT__AUTHMODE"] = "ApiKey",
        ["DASHBOARD__RESOURCESERVICECLIENT__APIKEY"] = endpoints.ResourceServiceApiKey,
        // It ends itself when this process is gone.
        ["ASPIRE_CLI_PID"] = Environment.ProcessId.ToString(CultureInfo.InvariantCulture),
    };

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Information, "Login to the dashboard at {Url}")]
        public static partial void Login(ILogger logger, string url);

        [LoggerMessage(2, LogLevel.Warning, "The dashboard is not available; everything else runs without it. {Reason}")]
        public static partial void Unavailable(ILogger logger, string reason);
    }
}
