using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Http.Resilience;

namespace AuthPlatform.ServiceDefaults;

/// <summary>How one service of the platform calls another.</summary>
public static class ServiceClients
{
    private static readonly TimeSpan HealthPatience = TimeSpan.FromSeconds(5);

    /// <summary>
    /// Registers the <see cref="HttpClient"/> named <paramref name="service"/> for a service found by discovery. A failed read is tried once more, at another replica if there is
    /// one; a POST never, because it may have been carried out although its answer was lost. Somebody waits for the answer, so all of it takes three seconds at most.
    /// </summary>
    public static void AddServiceClient(this IServiceCollection services, string service)
    {
        var client = services.AddHttpClient(service, http => http.BaseAddress = Address(service));
        client.AddStandardResilienceHandler(resilience =>
        {
            resilience.Retry.DisableForUnsafeHttpMethods();
            resilience.Retry.MaxRetryAttempts = 1;
            resilience.Retry.Delay = TimeSpan.FromMilliseconds(100);
            resilience.AttemptTimeout.Timeout = TimeSpan.FromSeconds(1);
            resilience.TotalRequestTimeout.Timeout = TimeSpan.FromSeconds(3);
            // One for all replicas would let a single one that hangs take the others away. ServiceReplicas avoids each by itself.
            resilience.CircuitBreaker.ShouldHandle = static _ => ValueTask.FromResult(false);
        });
        // What every client has comes first, but the replica is to be chosen anew for each try.
        client.ConfigureAdditionalHttpMessageHandlers((handlers, _) =>
        {
            var replicas = handlers.OfType<ServiceReplicaHandler>().Single();
            handlers.Remove(replicas);
            handlers.Add(replicas);
        });
    }

    /// <summary>Makes this service ready only while another one is.</summary>
    public static void AddServiceHealthCheck(this IServiceCollection services, string service)
    {
        var client = $"health of {service}";
        services.AddHttpClient(client, http => http.Timeout = HealthPatience);
        services.AddHealthChecks().Add(new HealthCheckRegistration(
            service,
            provider => new ServiceHealthCheck(
                provider.GetRequiredService<IHttpClientFactory>().CreateClient(client), Address(service), provider.GetRequiredService<ServiceReplicas>()),
            HealthStatus.Unhealthy,
            tags: null,
            timeout: HealthPatience));
    }

    private static Uri Address(string service) => new($"http://{service}");
}
