using Microsoft.Extensions.DependencyInjection;

namespace AuthPlatform.Contracts;

/// <summary>How services of the platform reach each other. Not for all clients: what leaves the platform, such as telemetry, may have to go through a proxy.</summary>
public static class InternalConnections
{
    /// <summary>Lets a client ask the service itself and nobody else, over connections that are kept. What goes wrong is for its user to log.</summary>
    public static IHttpClientBuilder UseInternalConnections(this IHttpClientBuilder client) => client
        .ConfigurePrimaryHttpMessageHandler(() => new SocketsHttpHandler
        {
            // A redirect would carry our secret to wherever it points.
            AllowAutoRedirect = false,
            UseCookies = false,
            UseProxy = false,
            ConnectTimeout = TimeSpan.FromSeconds(2),
            // Connections live long, but not for ever: replicas come and go behind one name.
            PooledConnectionLifetime = TimeSpan.FromMinutes(2),
            PooledConnectionIdleTimeout = TimeSpan.FromMinutes(1),
        })
        // The handler above renews its connections itself; whoever holds the client may keep it.
        .SetHandlerLifetime(Timeout.InfiniteTimeSpan)
        // The factory's two handlers would time every signature.
        .RemoveAllLoggers();
}
