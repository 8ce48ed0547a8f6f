using System.Net.Sockets;

namespace AuthPlatform.Gateway.Forwarding;

/// <summary>
/// A connection to a replica, used for one request after the other, that knows of a request that has not arrived as a whole. Between a request's first look at a kept
/// connection and its first byte the replica may be gone: that is seen here, before anything is sent; otherwise nobody could tell whether it was carried out.
/// </summary>
internal sealed class ReplicaConnection(Socket socket) : NetworkStream(socket, ownsSocket: true)
{
    /// <summary>Nothing has been sent since the last answer was waited for.</summary>
    private bool _isIdle;

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        _isIdle = true;
        return base.ReadAsync(buffer, cancellationToken);
    }

    /// <exception cref="NotSentException">The other end is gone; a request of which this is a part has not arrived as a whole.</exception>
    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        // Whoever owes no answer has nothing to say but that it is gone.
        if (_isIdle && Socket.Poll(TimeSpan.Zero, SelectMode.SelectRead))
        {
            throw new NotSentException(null);
        }

        _isIdle = false;
        var write = base.WriteAsync(buffer, cancellationToken);
        return write.IsCompletedSuccessfully ? write : WriteAsync(write);
    }

    private static async ValueTask WriteAsync(ValueTask write)
    {
        try
        {
            await write;
        }
        catch (IOException exception)
        {
            throw new NotSentException(exception);
        }
    }
}
