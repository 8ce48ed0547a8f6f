using AuthPlatform.ServiceDefaults;
using Microsoft.Extensions.Primitives;
using Microsoft.Extensions.ServiceDiscovery;
using Yarp.ReverseProxy.Configuration;
using Yarp.ReverseProxy.ServiceDiscovery;

namespace AuthPlatform.Gateway;

/// <summary>Turns a destination such as <c>http://token-api</c> into one destination per replica that service discovery, or the name itself, knows, and follows their changes.</summary>
internal sealed class DiscoveredDestinations(ServiceEndpointResolver resolver, ReplicaAddresses replicas, TimeProvider clock) : IDestinationResolver
{
    public async ValueTask<ResolvedDestinationCollection> ResolveDestinationsAsync(
        IReadOnlyDictionary<string, DestinationConfig> destinations,
        CancellationToken cancellationToken)
    {
        var resolved = new Dictionary<string, DestinationConfig>(StringComparer.Ordinal);
        var changes = new List<IChangeToken>();
        var mayChange = false;
        foreach (var (name, destination) in destinations)
        {
            var service = new Uri(destination.Address);
            var source = await resolver.GetEndpointsAsync(destination.Address, cancellationToken);
            changes.Add(source.ChangeToken);
            foreach (var address in source.Endpoints.Select(endpoint => DiscoveredAddress.Of(service, endpoint.EndPoint)))
            {
                mayChange |= ReplicaAddresses.IsOfSeveral(address);
                foreach (var replica in await replicas.FindAsync(address))
                {
                    resolved[$"{name}[{replica}]"] = destination with { Address = replica.ToString() };
                }
            }
        }

        if (mayChange)
        {
            // Asked again when it has passed; what is the same then stays as it is.
            changes.Add(new CancellationChangeToken(new CancellationTokenSource(ReplicaAddresses.Period, clock).Token));
        }

        return new ResolvedDestinationCollection(resolved, new CompositeChangeToken(changes));
    }
}
