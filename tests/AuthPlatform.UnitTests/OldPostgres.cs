using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace AuthPlatform.UnitTests;

/// <summary>As much of PostgreSQL's protocol as it takes to sign in to a server of some version, which says to every statement that it is done.</summary>
internal sealed class OldPostgres : IDisposable
{
    private const int WantsTls = 80877103, WantsGss = 80877104;

    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly byte[] _greeting;

    public OldPostgres(string version)
    {
        _greeting =
        [
            .. Message('R', [0, 0, 0, 0]),
            .. Message('S', Encoding.ASCII.GetBytes($"server_version\0{version}\0")),
            .. Message('K', [0, 0, 0, 1, 0, 0, 0, 1]),
            .. Message('Z', [(byte)'I']),
        ];
        _listener.Start();
        _ = AcceptAsync();
    }

    /// <summary>Without the question for types that a client begins with otherwise.</summary>
    public string ConnectionString => $"Host=127.0.0.1;Port={((IPEndPoint)_listener.LocalEndpoint).Port};Database=old;Username=nobody;Server Compatibility Mode=NoTypeLoading";

    public void Dispose() => _listener.Dispose();

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                _ = ServeAsync(await _listener.AcceptTcpClientAsync());
            }
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException or InvalidOperationException)
        {
            // The end of the test.
        }
    }

    private async Task ServeAsync(TcpClient client)
    {
        using (client)
        {
            try
            {
                var stream = client.GetStream();
                while (BinaryPrimitives.ReadInt32BigEndian(await ReadAsync(stream)) is WantsTls or WantsGss)
                {
                    await stream.WriteAsync("N"u8.ToArray());
                }

                await stream.WriteAsync(_greeting);
                var type = new byte[1];
                while (true)
                {
                    await stream.ReadExactlyAsync(type);
                    await ReadAsync(stream);
                    await stream.WriteAsync(AnswerTo((char)type[0]));
                }
            }
            catch (IOException)
            {
                // The client has hung up.
            }
        }
    }

    /// <summary>Parsed, bound, without rows, done, ready.</summary>
    private static byte[] AnswerTo(char type) => type switch
    {
        'P' => Message('1', []),
        'B' => Message('2', []),
        'D' => Message('n', []),
        'E' => Message('C', "SET\0"u8.ToArray()),
        'S' => Message('Z', [(byte)'I']),
        _ => [],
    };

    private static byte[] Message(char type, byte[] content)
    {
        var message = new byte[1 + sizeof(int) + content.Length];
        message[0] = (byte)type;
        BinaryPrimitives.WriteInt32BigEndian(message.AsSpan(1), sizeof(int) + content.Length);
        content.CopyTo(message, 1 + sizeof(int));
        return message;
    }

    /// <summary>What follows a length, which counts itself.</summary>
    private static async Task<byte[]> ReadAsync(NetworkStream stream)
    {
        var length = new byte[sizeof(int)];
        await stream.ReadExactlyAsync(length);
        var content = new byte[BinaryPrimitives.ReadInt32BigEndian(length) - sizeof(int)];
        await stream.ReadExactlyAsync(content);
        return content;
    }
}
