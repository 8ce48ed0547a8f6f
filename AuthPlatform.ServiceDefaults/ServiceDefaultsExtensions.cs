using System.Net;
using AuthPlatform.ServiceDefaults.Problems;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace AuthPlatform.ServiceDefaults;

/// <summary>What every service of the platform has in common: telemetry, health, discovery, problem answers and a clock.</summary>
public static class ServiceDefaultsExtensions
{
    /// <summary>Adds OpenTelemetry, service discovery for <see cref="HttpClient"/>, problem answers and <see cref="TimeProvider.System"/>.</summary>
    public static void AddServiceDefaults(this IHostApplicationBuilder builder)
    {
        // In this order: the old variables are not looked at where a secret of ours is given.
        SecretFiles.AddTo(builder);
        OldDeploymentSettings.AddTo(builder);
        BatchScheduling.AddTo(builder);
        LogLineFormatter.AddTo(builder.Logging);
        // Npgsql would log every statement; traces show them where they belong.
        builder.Logging.AddFilter("Npgsql", LogLevel.Warning);
        // A failing check is told by the answer of /health/ready; as an error in the log every few seconds it would bury the cause.
        builder.Logging.AddFilter("Microsoft.Extensions.Diagnostics.HealthChecks", LogLevel.None);
        // A store that is away is told by whoever asked it, once and in one line, and counted; these would add an error and a stack trace to each try.
        builder.Logging.AddFilter("Microsoft.EntityFrameworkCore", LogLevel.None);
        builder.Logging.AddFilter("StackExchange.Redis", LogLevel.None);
        builder.AddTelemetry();
        Drain.AddTo(builder);
        builder.Services.TryAddSingleton(TimeProvider.System);
        builder.Services.AddServiceDiscovery();
        builder.Services.AddHealthChecks();
        builder.Services.AddSingleton<HealthLook>();
        builder.Services.AddSingleton(services => new ReplicaAddresses(Dns.GetHostAddressesAsync, services.GetRequiredService<TimeProvider>()));
        builder.Services.AddSingleton<ServiceReplicas>();
        builder.Services.ConfigureHttpClientDefaults(http => http.AddHttpMessageHandler(services => new ServiceReplicaHandler(services.GetRequiredService<ServiceReplicas>())));
        // What we are is nobody's business.
        builder.Services.Configure<KestrelServerOptions>(kestrel => kestrel.AddServerHeader = false);
    }

    /// <summary>Turns failures into problem answers and maps the health routes. Call it before the service's own routes.</summary>
    public static void UseServiceDefaults(this WebApplication app)
    {
        app.UseMiddleware<ProblemMiddleware>();
        Drain.UseIn(app);
        app.MapHealth();
    }
}
