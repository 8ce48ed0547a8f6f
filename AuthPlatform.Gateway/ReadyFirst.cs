using Yarp.ReverseProxy.Configuration;
using Yarp.ReverseProxy.Health;
using Yarp.ReverseProxy.Model;

namespace AuthPlatform.Gateway;

/// <summary>Requests go to replicas that said that they are ready; while none did, to those of which nothing is known yet; and at last to all there are, which may do part of their work.</summary>
internal sealed class ReadyFirst : IAvailableDestinationsPolicy
{
    public string Name => "ReadyFirst";

    public IReadOnlyList<DestinationState> GetAvailalableDestinations(ClusterConfig config, IReadOnlyList<DestinationState> allDestinations)
    {
        var possible = allDestinations.Where(d => d.Health is { Active: not DestinationHealth.Unhealthy, Passive: not DestinationHealth.Unhealthy }).ToList();
        var ready = possible.Where(d => d.Health.Active == DestinationHealth.Healthy).ToList();
        return ready.Count > 0 ? ready : possible.Count > 0 ? possible : allDestinations;
    }
}
