using Yarp.ReverseProxy.Forwarder;
using Yarp.ReverseProxy.Health;
using Yarp.ReverseProxy.Model;

namespace AuthPlatform.Gateway;

/// <summary>
/// Takes replicas out that fail many requests, as the proxy's own policy does, but for those whose body could not be sent to its end: whoever sends one slowly that a service refuses, which ends the
/// connection after a while, could take out good replicas. One that is really gone is seen by other requests, and by the active checks.
/// </summary>
internal sealed class ReplicaFailureRate(IServiceProvider services) : IPassiveHealthCheckPolicy
{
    public const string PolicyName = nameof(ReplicaFailureRate);

    /// <summary>Found when it is needed: it is one of those to which this belongs itself.</summary>
    private readonly Lazy<IPassiveHealthCheckPolicy> _rate =
        new(() => services.GetServices<IPassiveHealthCheckPolicy>().Single(policy => policy.Name == HealthCheckConstants.PassivePolicy.TransportFailureRate));

    public string Name => PolicyName;

    public void RequestProxied(HttpContext context, ClusterState cluster, DestinationState destination)
    {
        if (context.GetForwarderErrorFeature()?.Error != ForwarderError.RequestBodyDestination)
        {
            _rate.Value.RequestProxied(context, cluster, destination);
        }
    }
}
