using AuthPlatform.Contracts;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace AuthPlatform.ServiceDefaults;

/// <summary>
/// Whether a service that this one needs is ready, which it is while any of its replicas is. All are asked at once: one that starts, stops or hangs must neither make
/// those in front of the service unready, nor keep the answer waiting.
/// </summary>
internal sealed class ServiceHealthCheck(HttpClient http, Uri service, ServiceReplicas replicas) : IHealthCheck
{
    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        var reasons = new List<string>();
        await foreach (var answer in Task.WhenEach((await replicas.FindAsync(service, cancellationToken)).Select(AskAsync)).WithCancellation(cancellationToken))
        {
            if (await answer is not { } reason)
            {
                return HealthCheckResult.Healthy();
            }

            reasons.Add(reason);
        }

        return HealthCheckResult.Unhealthy(string.Join("; ", reasons));
    }

    /// <summary>Why the replica is not ready; null when it is. Ends with the client's time limit only: a question that is broken off costs the replica more than its answer.</summary>
    private async Task<string?> AskAsync(Uri replica)
    {
        try
        {
            using var response = await http.GetAsync(new Uri(replica, "/health/ready"));
            return response.IsSuccessStatusCode ? null : $"{replica} answers {(int)response.StatusCode}";
        }
        catch (Exception exception) when (exception is HttpRequestException or OperationCanceledException)
        {
            return $"{replica}: {exception.Message}";
        }
    }
}

/// <summary>Registers the checks of other services.</summary>
public static class ServiceHealthCheckRegistration
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    /// <summary>Makes this service ready only while another one is.</summary>
    public static void AddServiceHealthCheck(this IServiceCollection services, string service)
    {
        var client = $"health of {service}";
        services.AddHttpClient(client, http => http.Timeout = Patience).UseInternalConnections();
        services.AddHealthChecks().Add(new HealthCheckRegistration(
            service,
            provider => new ServiceHealthCheck(
                provider.GetRequiredService<IHttpClientFactory>().CreateClient(client), new Uri($"http://{service}"), provider.GetRequiredService<ServiceReplicas>()),
            HealthStatus.Unhealthy,
            tags: null,
            timeout: Patience));
    }
}
