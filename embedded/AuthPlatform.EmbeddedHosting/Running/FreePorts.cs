using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;

namespace Aspire.Hosting.Running;

/// <summary>Finds ports to listen on.</summary>
internal static class FreePorts
{
    // Below the range from which systems take the local ports of outgoing connections: one of those could take a port between our look and the service's bind.
    private const int First = 20_000;
    private const int Last = 32_767;

    private static readonly ConcurrentDictionary<int, bool> Given = new();

    /// <summary>A port nobody listens on, given once in the lifetime of this process.</summary>
    public static int Next()
    {
        for (var attempt = 0; attempt < 1000; attempt++)
        {
            var port = RandomNumberGenerator.GetInt32(First, Last + 1);
            if (TryTake(port))
            {
                return port;
            }
        }

        throw new DistributedApplicationException($"No free port was found between {First} and {Last}.");
    }

    /// <summary>Takes a certain port, unless it was given before or somebody listens on it.</summary>
    public static bool TryTake(int port) => Given.TryAdd(port, true) && IsFree(port);

    public static bool IsFree(int port) => CanBind(IPAddress.Loopback, port) && (!Socket.OSSupportsIPv6 || CanBind(IPAddress.IPv6Loopback, port));

    private static bool CanBind(IPAddress address, int port)
    {
        using var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            socket.Bind(new IPEndPoint(address, port));
            return true;
        }
        catch (SocketException exception) when (exception.SocketErrorCode == SocketError.AddressNotAvailable)
        {
            return true; // IPv6 is known to the system but switched off
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
