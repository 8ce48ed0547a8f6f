using System.Net;
using AuthPlatform.ServiceDefaults.Problems;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;

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
        LibraryLogLevels.AddTo(builder.Services);
        builder.AddTelemetry();
        Drain.AddTo(builder);
        builder.Services.TryAddSingleton(TimeProvider.System);
        builder.Services.AddServiceDiscovery();
        builder.Services.AddHealthChecks();
        builder.Services.AddSingleton<HealthLook>();
        builder.Services.AddSingleton(services => new ReplicaAddresses(Dns.GetHostAddressesAsync, services.GetRequiredService<TimeProvider>()));
        builder.Services.AddSingleton<ServiceReplicas>();
        builder.Services.ConfigureHttpClientDefaults(http => http.AddHttpMessageHandler(services => new ServiceReplicaHandler(services.GetRequiredService<ServiceReplicas>())));
        builder.Services.Configure<KestrelServerOptions>(kestrel =>
        {
            // What we are is nobody's business.
            kestrel.AddServerHeader = false;
            // The gateway judges how fast a client sends. What it passes on comes in pieces of some kilobytes, with much time in between: this only ends a body whose gateway has vanished.
            kestrel.Limits.MinRequestBodyDataRate = new MinDataRate(bytesPerSecond: 1, gracePeriod: TimeSpan.FromMinutes(1));
        });
    }

    /// <summary>Turns failures into problem answers and maps the health routes. Call it before the service's own routes.</summary>
    public static void UseServiceDefaults(this WebApplication app)
    {
        app.UseMiddleware<ProblemMiddleware>();
        Drain.UseIn(app);
        app.MapHealth();
    }
}
