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

    // Between our look and the service's bind another process could take a port too: those that start one after the other look in different parts first.
    private const int Processes = 32;
    private const int OfOneProcess = (Last + 1 - First) / Processes;

    private static readonly ConcurrentDictionary<int, bool> Given = new();

    /// <summary>A port nobody listens on, given once in the lifetime of this process.</summary>
    public static int Next()
    {
        for (var attempt = 0; attempt < 1000; attempt++)
        {
            var port = attempt < OfOneProcess
                ? First + (Environment.ProcessId % Processes * OfOneProcess) + RandomNumberGenerator.GetInt32(OfOneProcess)
                : RandomNumberGenerator.GetInt32(First, Last + 1);
            if (TryTake(port))
            {
                return port;
            }
        }

        throw new DistributedApplicationException($"No free port was found between {First} and {Last}.");
    }

    /// <summary>Takes a certain port, unless it was given before or somebody listens on it.</summary>
    public static bool TryTake(int port) => Given.TryAdd(port, true) && IsFree(port);

    public static bool IsFree(int port) => Obstacle(port) is null;

    /// <summary>Why nobody can listen on a port now; null when somebody can.</summary>
    public static SocketError? Obstacle(int port) => Obstacle(IPAddress.Loopback, port) ?? (Socket.OSSupportsIPv6 ? Obstacle(IPAddress.IPv6Loopback, port) : null);

    private static SocketError? Obstacle(IPAddress address, int port)
    {
        using var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            socket.Bind(new IPEndPoint(address, port));
            return null;
        }
        catch (SocketException exception) when (exception.SocketErrorCode == SocketError.AddressNotAvailable)
        {
            return null; // IPv6 is known to the system but switched off
        }
        catch (SocketException exception)
        {
            return exception.SocketErrorCode;
        }
    }
}
