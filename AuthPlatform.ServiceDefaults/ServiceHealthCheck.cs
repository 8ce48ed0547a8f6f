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
        var addresses = await replicas.FindAsync(service, cancellationToken);
        using var known = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var answers = addresses.Select(address => AskAsync(address, known.Token)).ToList();
        var reasons = new List<string>();
        await foreach (var answer in Task.WhenEach(answers))
        {
            if (await answer is not { } reason)
            {
                await known.CancelAsync();
                return HealthCheckResult.Healthy();
            }

            reasons.Add(reason);
        }

        return HealthCheckResult.Unhealthy(string.Join("; ", reasons));
    }

    /// <summary>Why the replica is not ready; null when it is.</summary>
    private async Task<string?> AskAsync(Uri replica, CancellationToken cancellationToken)
    {
        try
        {
            using var response = await http.GetAsync(new Uri(replica, "/health/ready"), cancellationToken);
            return response.IsSuccessStatusCode ? null : $"{replica} answers {(int)response.StatusCode}";
        }
        catch (Exception exception) when (exception is HttpRequestException or OperationCanceledException)
        {
            return $"{replica}: {exception.Message}";
        }
    }
}
