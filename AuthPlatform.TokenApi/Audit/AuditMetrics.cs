using System.Diagnostics.Metrics;
using AuthPlatform.ServiceDefaults;

namespace AuthPlatform.TokenApi.Audit;

/// <summary>What shows an operator that the audit is complete.</summary>
internal sealed class AuditMetrics
{
    private readonly Counter<long> _written;
    private readonly RareCounter _lost;
    private readonly Meter _meter;

    public AuditMetrics(IMeterFactory meters)
    {
        var meter = _meter = meters.Create(TokenMetrics.MeterName);
        _written = meter.CreateCounter<long>("authplatform.audit.written", "{event}", "Audit events written");
        _lost = new RareCounter(meter, "authplatform.audit.lost", "{event}", "Audit events that could not be kept until they were written");
    }

    public void Written(int events) => _written.Add(events);

    public void Lost(int events) => _lost.Add(events);

    public void ObserveWaiting(Func<int> count) => _meter.CreateObservableGauge("authplatform.audit.waiting", count, "{event}", "Audit events in memory that are not written yet");
}
