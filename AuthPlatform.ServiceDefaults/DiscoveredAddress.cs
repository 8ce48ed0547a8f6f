using System.Net;
using Microsoft.Extensions.ServiceDiscovery;

namespace AuthPlatform.ServiceDefaults;

/// <summary>Addresses as service discovery gives them, which may leave out the scheme or port.</summary>
public static class DiscoveredAddress
{
    /// <summary>Where a replica of a service listens.</summary>
    /// <param name="service">The address by which the service was asked for, such as <c>http://token-api</c>.</param>
    /// <param name="endpoint">What service discovery knows of the replica.</param>
    public static Uri Of(Uri service, EndPoint endpoint) => endpoint switch
    {
        UriEndPoint uri => uri.Uri,
        DnsEndPoint dns => new UriBuilder(service.Scheme, dns.Host, dns.Port > 0 ? dns.Port : service.Port).Uri,
        IPEndPoint ip => new UriBuilder(service.Scheme, ip.Address.ToString(), ip.Port > 0 ? ip.Port : service.Port).Uri,
        _ => throw new NotSupportedException($"Service discovery gave an endpoint of type {endpoint.GetType().Name} for {service}."),
    };
}
