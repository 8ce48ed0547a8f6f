using System.Net.Sockets;
using Yarp.ReverseProxy.Forwarder;

namespace AuthPlatform.Gateway.Forwarding;

/// <summary>Makes the clients by which replicas are asked.</summary>
internal sealed class ReplicaClients(ILogger<ForwarderHttpClientFactory> logger) : ForwarderHttpClientFactory(logger)
{
    protected override void ConfigureHandler(ForwarderHttpClientContext context, SocketsHttpHandler handler)
    {
        base.ConfigureHandler(context, handler);
        // The other end's kernel answers by itself, and what is lost on the way is sent again after a second: a machine that is silent for longer is not there.
        handler.ConnectTimeout = TimeSpan.FromSeconds(2);
        handler.PlaintextStreamFilter = (connection, _) =>
            ValueTask.FromResult(connection.PlaintextStream is NetworkStream plain ? new ReplicaConnection(plain.Socket) : connection.PlaintextStream);
    }

    protected override HttpMessageHandler WrapHandler(ForwarderHttpClientContext context, HttpMessageHandler handler) => KeptBody.SendTo(handler);
}
