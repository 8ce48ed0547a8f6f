using System.Diagnostics.Metrics;
using AuthPlatform.ServiceDefaults;
using Yarp.ReverseProxy;
using Yarp.ReverseProxy.Model;

namespace AuthPlatform.Gateway;

/// <summary>What the gateway counts beside what the framework and the proxy do.</summary>
internal sealed class GatewayMetrics
{
    public const string MeterName = "AuthPlatform.Gateway";

    private readonly Counter<long> _limited;
    private readonly RareCounter _resent;

    public GatewayMetrics(IMeterFactory meters, IProxyStateLookup proxies)
    {
        var meter = meters.Create(MeterName);
        _limited = meter.CreateCounter<long>("authplatform.gateway.limited", "{request}", "Requests answered 429, and connections refused, by limit.");
        _resent = new RareCounter(meter, "authplatform.gateway.resent", "{request}", "Requests sent again because a replica did not get them.");
        meter.CreateObservableGauge("authplatform.gateway.replicas", () => Replicas(proxies), "{replica}", "Replicas of the services behind the gateway, by whether it takes them for healthy.");
    }

    public void Limited(string limit) => _limited.Add(1, new KeyValuePair<string, object?>("authplatform.limit", limit));

    public void Resent() => _resent.Add(1);

    private static IEnumerable<Measurement<int>> Replicas(IProxyStateLookup proxies)
    {
        foreach (var cluster in proxies.GetClusters())
        {
            var ill = cluster.Destinations.Values.Count(replica => replica.Health.Active == DestinationHealth.Unhealthy || replica.Health.Passive == DestinationHealth.Unhealthy);
            yield return Replicas(cluster, cluster.Destinations.Count - ill, "healthy");
            yield return Replicas(cluster, ill, "unhealthy");
        }
    }

    private static Measurement<int> Replicas(ClusterState cluster, int count, string state) =>
        new(count, new KeyValuePair<string, object?>("authplatform.service", cluster.ClusterId), new KeyValuePair<string, object?>("authplatform.state", state));
}
