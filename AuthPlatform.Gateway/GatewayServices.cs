using AuthPlatform.Contracts;
using AuthPlatform.Gateway.Forwarding;
using AuthPlatform.Gateway.Limits;
using AuthPlatform.Gateway.Sharing;
using AuthPlatform.Gateway.Tls;
using AuthPlatform.ServiceDefaults;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Options;
using Yarp.ReverseProxy.Forwarder;
using Yarp.ReverseProxy.Health;
using Yarp.ReverseProxy.ServiceDiscovery;

namespace AuthPlatform.Gateway;

/// <summary>What the gateway is made of.</summary>
internal static class GatewayServices
{
    public static void AddGateway(this IHostApplicationBuilder builder)
    {
        builder.AddPublicPrefix();
        builder.AddTrustedProxies();
        builder.Services.Configure<KestrelServerOptions>(kestrel =>
        {
            // The largest body that any endpoint takes; nothing larger is even buffered.
            kestrel.Limits.MaxRequestBodySize = 256 * 1024;
            // For all services: those behind this one leave it to it.
            kestrel.Limits.MinRequestBodyDataRate = new MinDataRate(bytesPerSecond: 240, gracePeriod: TimeSpan.FromSeconds(5));
            kestrel.Limits.RequestHeadersTimeout = TimeSpan.FromSeconds(10);
            kestrel.Limits.MaxConcurrentConnections = 10_000;
        });
        builder.Services.AddOptions<TlsOptions>().BindConfiguration(TlsOptions.Section);
        builder.Services.AddSingleton<CertificateFiles>();
        builder.Services.AddSingleton<IConfigureOptions<KestrelServerOptions>>(services => services.GetRequiredService<CertificateFiles>());

        builder.Services.AddOptions<LimitOptions>().BindConfiguration(LimitOptions.Section).ValidateOnStart();
        builder.Services.AddSingleton<IValidateOptions<LimitOptions>, ValidateLimitOptions>();
        builder.Services.AddSingleton<GatewayMetrics>();
        builder.Services.AddSingleton<LimitedCallers>();
        builder.Services.AddSingleton<IConfigureOptions<KestrelServerOptions>, ConnectionLimit>();

        builder.Services.AddSingleton<IDestinationResolver, DiscoveredDestinations>();
        builder.Services.AddSingleton<ReadyPolicy>();
        builder.Services.AddSingleton<IActiveHealthCheckPolicy>(services => services.GetRequiredService<ReadyPolicy>());
        builder.Services.AddSingleton<IAvailableDestinationsPolicy, ReadyFirst>();
        builder.Services.AddSingleton<IPassiveHealthCheckPolicy, ReplicaFailureRate>();
        builder.Services.AddSingleton<IForwarderHttpClientFactory, ReplicaClients>();
        builder.Services.AddSingleton<FailedForwards>();
        // A replica that failed requests is out for as long as failures count, whatever its ReactivationPeriod says: no longer than the active checks take to see that it is back.
        builder.Services.Configure<TransportFailureRateHealthPolicyOptions>(policy => policy.DetectionWindowSize = TimeSpan.FromSeconds(2));
        builder.Services.AddReverseProxy()
            .LoadFromConfig(builder.Configuration.GetSection("ReverseProxy"))
            .AddTransforms(ForwardedRequest.Configure)
            .AddTransforms(ShareKeySets.Configure);

        // The gateway is ready when the Token API behind it is, which in turn asks its stores and the Key Manager.
        builder.Services.AddServiceHealthCheck(ResourceNames.TokenApi);
        builder.Services.AddHealthChecks().AddCheck<ReadyPolicy>("replicas", tags: [HealthTags.Serving]);
        builder.Services.AddHealthWatch();
    }
}
