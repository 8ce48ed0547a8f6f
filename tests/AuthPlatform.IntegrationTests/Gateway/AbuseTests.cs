using System.Net;
using System.Net.Sockets;
using System.Text;
using static AuthPlatform.IntegrationTests.Gateway.RawHttp2;

namespace AuthPlatform.IntegrationTests.Gateway;

/// <summary>Clients that want the gateway's time and memory. It ends what they do by itself; everybody else is served meanwhile.</summary>
public sealed class AbuseTests(AbusedGateway gateway) : IClassFixture<AbusedGateway>
{
    /// <summary>What is offered on each connection; nobody takes a fraction of it.</summary>
    private const long Gigabyte = 1024 * 1024 * 1024;

    /// <summary>What the buffers of the two kernels and the server may hold until it has said no.</summary>
    private const long MostTaken = 64 * 1024 * 1024;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>CVE-2023-44487: requests that are taken back before they are answered cost their sender nothing, and count as no open stream.</summary>
    [Fact]
    public Task RapidReset_OfThousandsOfStreams_IsHarmless() => gateway.WhileOthersAreServedAsync(
        async () =>
        {
            var left = 10_000;
            while (left-- > 0)
            {
                // The server may hang up on somebody like this at any moment; he comes again.
                await using var connection = await ConnectAsync(gateway.TlsPort, gateway.Certificate, Cancellation);
                var reading = connection.AnsweredOrEndedAsync(Cancellation);
                try
                {
                    for (var stream = 1; left > 0 && !reading.IsCompleted; stream += 2, left--)
                    {
                        await connection.WriteAsync(
                            (byte[])[.. Frame(FrameType.Headers, EndStream | EndHeaders, stream, Get(gateway.PublicKeys)), .. Frame(FrameType.Reset, 0, stream, [0, 0, 0, 8])], Cancellation);
                    }

                    await connection.WriteAsync(Frame(FrameType.Ping, 0, 0, new byte[8]), Cancellation);
                }
                catch (IOException)
                {
                    // It has hung up.
                }

                await reading;
            }
        },
        Cancellation);

    [Fact]
    public Task Headers_WithoutEnd_AreCutOff() => gateway.WhileOthersAreServedAsync(
        () => Task.WhenAll(Enumerable.Range(0, 8).Select(async i =>
        {
            using var client = await DialAsync(gateway.Address.Port);
            var line = Encoding.ASCII.GetBytes(i % 2 == 0 ? $"X-{new string('n', 100)}: {new string('v', 1000)}\r\n" : new string('v', 1024));
            Assert.InRange(await OfferAsync(client.GetStream(), "GET /health HTTP/1.1\r\nHost: localhost\r\nX: ", line), 0, MostTaken);
        })),
        Cancellation);

    /// <summary>CVE-2024-27316 and its relatives: a header block that goes on and on in frames of its own.</summary>
    [Fact]
    public Task HeadersOfHttp2_WithoutEnd_AreCutOff() => gateway.WhileOthersAreServedAsync(
        async () =>
        {
            await using var connection = await ConnectAsync(gateway.TlsPort, gateway.Certificate, Cancellation);
            await connection.WriteAsync(Frame(FrameType.Headers, EndStream, 1, Get(gateway.PublicKeys)), Cancellation);
            var reading = connection.StatusAsync(1, Cancellation);
            var more = Frame(FrameType.Continuation, 0, 1, Header("x-flood", new string('v', 16_000)));
            var taken = 0L;
            try
            {
                for (; taken < Gigabyte && !reading.IsCompleted; taken += more.Length)
                {
                    await connection.WriteAsync(more, Cancellation);
                }
            }
            catch (IOException)
            {
                // It has hung up.
            }

            Assert.InRange(taken, 0, MostTaken);
            Assert.InRange(await reading ?? 431, 400, 431);
        },
        Cancellation);

    /// <summary>One byte for each header of four kilobytes, by way of the table of headers that were sent before.</summary>
    [Fact]
    public Task HeadersOfHttp2_ThatUnpackToMegabytes_AreRefused() => gateway.WhileOthersAreServedAsync(
        () => Task.WhenAll(Enumerable.Range(0, 20).Select(async _ =>
        {
            await using var connection = await ConnectAsync(gateway.TlsPort, gateway.Certificate, Cancellation);
            // Literal with indexing: the same as without, but for its first byte. It becomes the first entry after the static ones, number 62.
            byte[] block = [.. Get(gateway.PublicKeys), 0x40, .. Header("x-bomb", new string('v', 4000))[1..], .. Enumerable.Repeat((byte)(0x80 | 62), 11_000)];
            await connection.WriteAsync(Frame(FrameType.Headers, EndStream | EndHeaders, 1, block), Cancellation);
            Assert.InRange(await connection.StatusAsync(1, Cancellation) ?? 431, 400, 431);
        })),
        Cancellation);

    [Theory]
    [InlineData("1.1")]
    [InlineData("2.0")]
    public Task Body_OfAGigabyteWithoutLength_IsCutOff(string version) => gateway.WhileOthersAreServedAsync(
        () => Task.WhenAll(Enumerable.Range(0, 4).Select(async _ =>
        {
            using var handler = new SocketsHttpHandler { SslOptions = { RemoteCertificateValidationCallback = (_, certificate, _, _) => gateway.Certificate.IsThis(certificate) } };
            using var client = new HttpClient(handler);
            var body = new EndlessStream();
            using var request = new HttpRequestMessage(HttpMethod.Post, new Uri($"https://127.0.0.1:{gateway.TlsPort}/auth/token"))
            {
                Version = Version.Parse(version),
                VersionPolicy = HttpVersionPolicy.RequestVersionExact,
                Content = new StreamContent(body),
                Headers = { { "X-Client-Id", "flood" }, { "X-Signature", "AAAA" } },
            };
            request.Content.Headers.Add("Content-Type", "application/json");
            try
            {
                using var response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Cancellation);
                Assert.Equal(HttpStatusCode.RequestEntityTooLarge, response.StatusCode);
            }
            catch (HttpRequestException)
            {
                // The answer was lost with the connection.
            }

            Assert.InRange(body.Given, 1, MostTaken);
        })),
        Cancellation);

    /// <summary>Hundreds that say a little and then no more: in their headers, in their body, or before TLS has begun. Each is told, or hung up on.</summary>
    [Fact]
    public Task Connections_ThatSayNoMore_AreEndedAllAtOnce() => gateway.WhileOthersAreServedAsync(
        () => Task.WhenAll(Enumerable.Range(0, 300).Select(async i =>
        {
            var (port, says, expected) = (i % 3) switch
            {
                0 => (gateway.Address.Port, "GET /health HTTP/1.1\r\nHost: localhost\r\nX-Slow: ", "HTTP/1.1 408"),
                1 => (gateway.Address.Port, "POST /auth/token HTTP/1.1\r\nHost: localhost\r\nX-Client-Id: slow\r\nX-Signature: AAAA\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{", "HTTP/1.1 408"),
                _ => (gateway.TlsPort, "", ""),
            };
            using var client = await DialAsync(port);
            await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes(says), Cancellation);
            var answer = new byte[12];
            var read = await client.GetStream().ReadAtLeastAsync(answer, answer.Length, throwOnEndOfStream: false, Cancellation);
            Assert.Equal(expected, Encoding.ASCII.GetString(answer, 0, read));
        })),
        Cancellation);

    private static async Task<TcpClient> DialAsync(int port)
    {
        var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, port, Cancellation);
        return client;
    }

    /// <summary>Writes again and again until nobody takes more, and returns how much was taken.</summary>
    private static async Task<long> OfferAsync(NetworkStream stream, string first, byte[] again)
    {
        var taken = 0L;
        try
        {
            await stream.WriteAsync(Encoding.ASCII.GetBytes(first), Cancellation);
            for (; taken < Gigabyte; taken += again.Length)
            {
                await stream.WriteAsync(again, Cancellation);
            }
        }
        catch (IOException)
        {
            // It has hung up.
        }

        return taken;
    }

    /// <summary>A gigabyte of spaces, which any JSON may begin with, and how much of it somebody has read.</summary>
    private sealed class EndlessStream : Stream
    {
        public long Given { get; private set; }

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position { get => Given; set => throw new NotSupportedException(); }

        public override int Read(byte[] buffer, int offset, int count)
        {
            var given = (int)Math.Min(count, Gigabyte - Given);
            buffer.AsSpan(offset, given).Fill((byte)' ');
            Given += given;
            return given;
        }

        public override void Flush()
        {
        }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
