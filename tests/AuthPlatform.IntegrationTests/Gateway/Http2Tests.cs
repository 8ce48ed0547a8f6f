using Microsoft.AspNetCore.Http;
using static AuthPlatform.IntegrationTests.Gateway.RawHttp2;

namespace AuthPlatform.IntegrationTests.Gateway;

/// <summary>Requests over HTTP/2 that could become two, or other ones, as HTTP/1.1 behind the gateway. Each is refused, or the service behind sees one plain request.</summary>
[Collection<RecordedGateway.Tests>]
public sealed class Http2Tests(RecordedGateway gateway)
{
    private const string Target = "/auth/anything?a=b";

    /// <summary>What the gateway writes itself; everything else would be the caller's.</summary>
    private static readonly string[] Own = ["Host", "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "traceparent"];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Request_WithNothingWrong_IsPassedOn()
    {
        var seen = Assert.Single(await SendAsync([.. Get(Target), .. Header("x-good", "y")]));
        Assert.Equal((Target, "y"), (seen.Target, seen.Headers["x-good"].ToString()));
    }

    [Theory]
    [InlineData("transfer-encoding", "chunked")]
    [InlineData("connection", "keep-alive")]
    [InlineData("upgrade", "h2c")]
    [InlineData("te", "chunked")]
    [InlineData("content-length", "5")]
    [InlineData("content-length", "-1")]
    [InlineData("content-length", "99999999999999999999")]
    [InlineData("x", "y\r\nTransfer-Encoding: chunked")]
    [InlineData("x", "y\nX-Forwarded-For: 198.51.100.7")]
    [InlineData("x", "y\0z")]
    [InlineData("x\r\ny", "z")]
    [InlineData("x: y\r\n\r\nGET /internal/keys/changes HTTP/1.1\r\nz", "z")]
    [InlineData("x:y", "z")]
    [InlineData("x y", "z")]
    [InlineData("X-Upper", "z")]
    [InlineData("", "z")]
    [InlineData(":path", "/internal/keys/changes")]
    [InlineData(":method", "POST")]
    [InlineData(":status", "200")]
    [InlineData(":unknown", "x")]
    [InlineData("host", "evil.example")]
    public async Task Header_ThatWouldBeReadDifferently_IsNotPassedOn(string name, string value)
    {
        foreach (var (target, headers, body) in await SendAsync([.. Get(Target), .. Header(name, value)]))
        {
            Assert.Equal((Target, ""), (target, body));
            Assert.Empty(headers.Keys.Except(Own, StringComparer.OrdinalIgnoreCase));
            Assert.NotEqual("evil.example", headers.Host.ToString());
            Assert.Equal("127.0.0.1", headers["X-Forwarded-For"].ToString());
        }
    }

    [Theory]
    [InlineData("/internal/keys/changes")]
    [InlineData("/auth/../internal/keys/changes")]
    [InlineData("/auth/%2e%2e/internal/keys/changes")]
    [InlineData("//internal/keys/changes")]
    [InlineData("/internal/keys/changes HTTP/1.1\r\nX: ")]
    [InlineData("/auth/x\r\n\r\nGET /internal/keys/changes")]
    [InlineData("internal/keys/changes")]
    [InlineData("https://key-manager/internal/keys/changes")]
    [InlineData("")]
    public async Task Path_ThatPretendsToBeAnother_IsNotPassedOn(string path) => Assert.Empty(await SendAsync(Get(path)));

    /// <summary>Sends one request, waits for its end, and gives what the service behind has seen of it: one at most, and none when it was refused.</summary>
    private async Task<IReadOnlyList<(string Target, IHeaderDictionary Headers, string Body)>> SendAsync(byte[] headers)
    {
        gateway.Seen.Clear();
        await using var connection = await ConnectAsync(gateway.TlsPort, gateway.Certificate, Cancellation);
        await connection.WriteAsync(Frame(FrameType.Headers, EndStream | EndHeaders, 1, headers), Cancellation);
        var status = await connection.StatusAsync(1, Cancellation);
        Assert.Equal(status == 200 ? 1 : 0, gateway.Seen.Count);
        Assert.InRange(status ?? 400, 200, 499);
        return [.. gateway.Seen];
    }
}
