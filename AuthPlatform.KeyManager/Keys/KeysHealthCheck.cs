using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace AuthPlatform.KeyManager.Keys;

/// <summary>
/// Ready means: the database answers, and tokens can be signed. Not those of every application: one whose key does not open is its own trouble, and the other replicas have it
/// too, so that nobody would be left to sign for the rest.
/// </summary>
internal sealed class KeysHealthCheck(KeyRing ring) : IHealthCheck
{
    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        await ring.RefreshAsync(cancellationToken) && ring.CanSign ? HealthCheckResult.Healthy() : HealthCheckResult.Unhealthy();
}
