using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace AuthPlatform.KeyManager.Keys;

/// <summary>Ready means: the database answers, and every application has an active key that this process could decrypt.</summary>
internal sealed class KeysHealthCheck(KeyRing ring) : IHealthCheck
{
    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        await ring.RefreshAsync(cancellationToken) && ring.CanSignForAll ? HealthCheckResult.Healthy() : HealthCheckResult.Unhealthy();
}
