using System.Diagnostics.Metrics;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace AuthPlatform.ServiceDefaults;

/// <summary>What a service needs, and whether it was there at the last look that has ended.</summary>
internal sealed class HealthMetrics(IMeterFactory meters)
{
    public const string MeterName = "AuthPlatform.ServiceDefaults";

    private readonly Gauge<int> _status = meters.Create(MeterName).CreateGauge<int>(
        "authplatform.health.status", unit: null, "1 while a check of /health/ready succeeds, 0 while it fails");

    public void Checked(HealthReport report)
    {
        foreach (var (name, check) in report.Entries)
        {
            _status.Record(check.Status == HealthStatus.Healthy ? 1 : 0, new KeyValuePair<string, object?>("authplatform.check", name));
        }
    }
}
