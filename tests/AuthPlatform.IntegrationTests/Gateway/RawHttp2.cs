using System.Buffers.Binary;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Text;

namespace AuthPlatform.IntegrationTests.Gateway;

/// <summary>HTTP/2 over TLS by hand (RFC 9113, RFC 7541): frames that no client library would send.</summary>
internal sealed class RawHttp2 : IAsyncDisposable
{
    public const byte EndStream = 1;
    public const byte EndHeaders = 4;

    private readonly TcpClient _client = new();
    private SslStream _stream = null!;

    internal enum FrameType : byte
    {
        Data,
        Headers,
        Priority,
        Reset,
        Settings,
        PushPromise,
        Ping,
        GoAway,
        WindowUpdate,
        Continuation,
    }

    /// <summary>Connects and sends the preface with settings that ask for nothing.</summary>
    public static async Task<RawHttp2> ConnectAsync(int port, TestCertificate certificate, CancellationToken cancellationToken)
    {
        var connection = new RawHttp2();
        await connection._client.ConnectAsync(IPAddress.Loopback, port, cancellationToken);
        connection._stream = new SslStream(connection._client.GetStream());
        await connection._stream.AuthenticateAsClientAsync(
            new SslClientAuthenticationOptions
            {
                TargetHost = "auth.example",
                ApplicationProtocols = [SslApplicationProtocol.Http2],
                RemoteCertificateValidationCallback = (_, shown, _, _) => certificate.IsThis(shown),
            },
            cancellationToken);
        Assert.Equal(SslApplicationProtocol.Http2, connection._stream.NegotiatedApplicationProtocol);
        await connection.WriteAsync((byte[])[.. "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"u8, .. Frame(FrameType.Settings, 0, 0, [])], cancellationToken);
        return connection;
    }

    public static byte[] Frame(FrameType type, byte flags, int stream, ReadOnlySpan<byte> payload)
    {
        var frame = new byte[9 + payload.Length];
        BinaryPrimitives.WriteInt32BigEndian(frame, payload.Length << 8);
        (frame[3], frame[4]) = ((byte)type, flags);
        BinaryPrimitives.WriteInt32BigEndian(frame.AsSpan(5), stream);
        payload.CopyTo(frame.AsSpan(9));
        return frame;
    }

    /// <summary>A header in the plainest of forms: literal, never indexed, not compressed.</summary>
    public static byte[] Header(string name, string value) => [0x10, .. Text(name), .. Text(value)];

    /// <summary>The headers of a request for something that everybody may read.</summary>
    public static byte[] Get(string path) => [.. Header(":method", "GET"), .. Header(":scheme", "https"), .. Header(":authority", "auth.example"), .. Header(":path", path)];

    public async Task WriteAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        await _stream.WriteAsync(bytes, cancellationToken);
        await _stream.FlushAsync(cancellationToken);
    }

    /// <summary>The next frame, or null when the server has closed the connection.</summary>
    public async Task<(FrameType Type, byte Flags, int Stream, byte[] Payload)?> ReadAsync(CancellationToken cancellationToken)
    {
        try
        {
            var head = new byte[9];
            await _stream.ReadExactlyAsync(head, cancellationToken);
            var payload = new byte[BinaryPrimitives.ReadInt32BigEndian(head) >> 8];
            await _stream.ReadExactlyAsync(payload, cancellationToken);
            return ((FrameType)head[3], head[4], BinaryPrimitives.ReadInt32BigEndian(head.AsSpan(5)), payload);
        }
        catch (IOException)
        {
            return null;
        }
    }

    /// <summary>The status of the answer on a stream; null when the stream or the connection was ended instead.</summary>
    public async Task<int?> StatusAsync(int stream, CancellationToken cancellationToken)
    {
        while (await ReadAsync(cancellationToken) is { } frame && frame.Type != FrameType.GoAway)
        {
            if (frame.Stream == stream && frame.Type is FrameType.Headers or FrameType.Reset)
            {
                return frame.Type == FrameType.Headers ? Status(frame.Payload) : null;
            }
        }

        return null;
    }

    /// <summary>Reads until the server has acknowledged a PING, and with it all that came before, or has closed the connection.</summary>
    public async Task AnsweredOrEndedAsync(CancellationToken cancellationToken)
    {
        while (await ReadAsync(cancellationToken) is { Type: not FrameType.Ping })
        {
            // Whatever it says.
        }
    }

    public async ValueTask DisposeAsync()
    {
        _client.Close();
        await _stream.DisposeAsync();
        _client.Dispose();
    }

    /// <summary>Seven bits of length, more when they do not suffice (RFC 7541 §5.1).</summary>
    private static byte[] Text(string text)
    {
        var bytes = Encoding.Latin1.GetBytes(text);
        if (bytes.Length < 127)
        {
            return [(byte)bytes.Length, .. bytes];
        }

        var length = new List<byte> { 127 };
        var rest = bytes.Length - 127;
        for (; rest >= 128; rest /= 128)
        {
            length.Add((byte)((rest % 128) + 128));
        }

        return [.. length, (byte)rest, .. bytes];
    }

    /// <summary>The first header of an answer is its status: one of the seven that have a number of their own, or three digits.</summary>
    private static int Status(byte[] headers)
    {
        var start = 0;
        while ((headers[start] & 0xe0) == 0x20)
        {
            start++;
        }

        int[] numbered = [200, 204, 206, 304, 400, 404, 500];
        return headers[start] >= 0x88 ? numbered[headers[start] - 0x88] : int.Parse(Encoding.ASCII.GetString(headers.AsSpan(start + 2, 3)), System.Globalization.CultureInfo.InvariantCulture);
    }
}
