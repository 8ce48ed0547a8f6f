using System.Diagnostics.Metrics;

namespace AuthPlatform.Gateway;

/// <summary>What the gateway counts beside what the framework and the proxy do.</summary>
internal sealed class GatewayMetrics
{
    private readonly Counter<long> _limited;
    private readonly Counter<long> _resent;

    public GatewayMetrics(IMeterFactory meters)
    {
        var meter = meters.Create("AuthPlatform.Gateway");
        _limited = meter.CreateCounter<long>("authplatform.gateway.limited", "{request}", "Requests answered 429, by limit.");
        _resent = meter.CreateCounter<long>("authplatform.gateway.resent", "{request}", "Requests sent to another replica because the first one could not be reached.");
    }

    public void Limited(string limit) => _limited.Add(1, new KeyValuePair<string, object?>("limit", limit));

    public void Resent() => _resent.Add(1);
}
