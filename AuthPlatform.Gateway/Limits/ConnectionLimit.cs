using System.Collections.Concurrent;
using System.Net;
using AuthPlatform.Contracts.Addresses;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Options;

namespace AuthPlatform.Gateway.Limits;

/// <summary>
/// Hangs up on a caller who has as many connections as one may have, before anything is read: otherwise a single one could hold all there are, with a request on each of them
/// now and then. A proxy that is trusted has those of many callers.
/// </summary>
internal sealed class ConnectionLimit(IOptions<LimitOptions> limits, IOptions<ForwardedHeadersOptions> proxies, GatewayMetrics metrics, LimitedCallers limited) : IConfigureOptions<KestrelServerOptions>
{
    private readonly ConcurrentDictionary<ulong, int> _open = new();

    public void Configure(KestrelServerOptions kestrel) => kestrel.ConfigureEndpointDefaults(endpoint => endpoint.Use(next => connection => ServeAsync(connection, next)));

    private async Task ServeAsync(ConnectionContext connection, ConnectionDelegate next)
    {
        var address = (connection.RemoteEndPoint as IPEndPoint)?.Address;
        if (limits.Value.Connections == 0 || address is null || IsProxy(address))
        {
            await next(connection);
            return;
        }

        var network = Caller.NetworkOf(address);
        try
        {
            if (_open.AddOrUpdate(network, 1, static (_, open) => open + 1) > limits.Value.Connections)
            {
                metrics.Limited("connections");
                limited.Tell("connections", address, new Caller(network, ""));
                connection.Abort();
                return;
            }

            await next(connection);
        }
        finally
        {
            _open.AddOrUpdate(network, 0, static (_, open) => open - 1);
            _open.TryRemove(new KeyValuePair<ulong, int>(network, 0));
        }
    }

    private bool IsProxy(IPAddress address)
    {
        var plain = IpAddressText.Unmap(address);
        return proxies.Value.KnownIPNetworks.Any(network => network.Contains(plain));
    }
}
