using System.Diagnostics.Metrics;

namespace AuthPlatform.TokenApi.Audit;

/// <summary>What shows an operator that the audit is complete.</summary>
internal sealed class AuditMetrics
{
    private readonly Counter<long> _written;
    private readonly Counter<long> _lost;

    public AuditMetrics(IMeterFactory meters)
    {
        var meter = meters.Create(TokenMetrics.MeterName);
        _written = meter.CreateCounter<long>("authplatform.audit.written", "{event}", "Audit events written");
        _lost = meter.CreateCounter<long>("authplatform.audit.lost", "{event}", "Audit events that could not be kept until they were written");
    }

    public void Written(int events) => _written.Add(events);

    public void Lost(int events) => _lost.Add(events);
}
