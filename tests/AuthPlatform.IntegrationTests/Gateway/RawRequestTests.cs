using System.Net.Sockets;
using System.Text;
using System.Text.RegularExpressions;
using AuthPlatform.IntegrationTests.Infrastructure;

namespace AuthPlatform.IntegrationTests.Gateway;

/// <summary>Bytes that no HTTP client writes: where two servers could disagree about where a request ends or where it goes.</summary>
public sealed partial class RawRequestTests(AuthPlatformFixture platform)
{
    /// <summary>Would be answered 404 by the gateway; only a service behind it could say anything else.</summary>
    private const string Smuggled = "GET /internal/keys HTTP/1.1\r\nHost: smuggled\r\nConnection: close\r\n\r\n";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("Content-Length: 4\r\nContent-Length: 40\r\n", "{}{}")]
    [InlineData("Content-Length: 4, 40\r\n", "{}{}")]
    [InlineData("Content-Length: 0x4\r\n", "{}{}")]
    [InlineData("Transfer-Encoding: xchunked\r\n", "0\r\n\r\n")]
    [InlineData("Transfer-Encoding: chunked, identity\r\n", "0\r\n\r\n")]
    [InlineData("Transfer-Encoding : chunked\r\n", "0\r\n\r\n")]
    [InlineData("X: y\r\n Transfer-Encoding: chunked\r\n", "0\r\n\r\n")]
    [InlineData("Transfer-Encoding: chunked\r\n", "Z\r\n{}\r\n0\r\n\r\n")]
    [InlineData("Transfer-Encoding: chunked\r\n", "FFFFFFFFFFFFFFFFF\r\n{}\r\n")]
    [InlineData("Content-Length: 1073741824\r\n", "{")]
    [InlineData("Content-Length: 99999999999999999999\r\n", "{")]
    public async Task Length_ThatCanBeReadInTwoWays_EndsTheConnectionWithOneRefusal(string headers, string body)
    {
        var answers = await SendAsync($"POST /auth/token HTTP/1.1\r\nHost: localhost\r\n{SignedHeaders}{headers}\r\n{body}{Smuggled}");

        var status = Assert.Single(answers);
        Assert.InRange(status, 400, 499);
    }

    /// <summary>RFC 9112 §6.3: the transfer coding counts, and the length is not passed on. What comes after the body is a request of its own, which the gateway answers.</summary>
    [Fact]
    public async Task Length_BesideATransferCoding_DoesNotCount()
    {
        var answers = await SendAsync($"POST /auth/token HTTP/1.1\r\nHost: localhost\r\n{SignedHeaders}Content-Length: 60\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n{Smuggled}");

        Assert.All(answers, status => Assert.InRange(status, 400, 404));
    }

    [Theory]
    [InlineData("/auth/token;x=1")]
    [InlineData("//auth/token")]
    [InlineData("/auth//token")]
    [InlineData("/auth/..%2finternal/keys")]
    [InlineData("/auth/%2e%2e%2finternal/keys")]
    [InlineData("/auth/..;/internal/keys")]
    [InlineData("/auth\\..\\internal\\keys")]
    [InlineData("/auth/%5c..%5cinternal/keys")]
    [InlineData("/internal/keys%00/auth/x/jwks")]
    [InlineData("/./internal/../internal/keys")]
    [InlineData("/auth/x/jwks/../../../internal/keys")]
    [InlineData("/auth/%c0%ae%c0%ae/internal/keys")]
    [InlineData("http://key-manager/internal/keys")]
    [InlineData("*")]
    public async Task Target_ThatPretendsToBeAnother_ReachesNothing(string target) =>
        Assert.InRange(Assert.Single(await SendAsync($"GET {target} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")), 400, 405);

    [Theory]
    [InlineData("Host: localhost\r\nHost: evil.example\r\n")]
    [InlineData("Host: local host\r\n")]
    [InlineData("")]
    public async Task Host_MissingOrTwice_IsRefused(string headers) =>
        Assert.Equal([400], await SendAsync($"GET /health HTTP/1.1\r\n{headers}\r\n"));

    /// <summary>Written byte by byte: the first is a face in UTF-8, the second is no UTF-8 at all.</summary>
    [Theory]
    [InlineData("\u00f0\u009f\u0098\u0080", 200)]
    [InlineData("\u00ff", 400)]
    public async Task Header_BeyondAscii_IsPassedOnOrRefused(string value, int expected) =>
        Assert.Equal([expected], await SendAsync($"GET /auth/{platform.Bootstrap.ClientId}/jwks HTTP/1.1\r\nHost: localhost\r\nUser-Agent: {value}\r\nConnection: close\r\n\r\n"));

    [Fact]
    public async Task Headers_TooMany_AreRefused() =>
        Assert.Equal([431], await SendAsync($"GET /health HTTP/1.1\r\nHost: localhost\r\n{string.Concat(Enumerable.Repeat("X: y\r\n", 200))}\r\n"));

    /// <summary>HTTP/2 is spoken over TLS only: behind an upgrade on a plain connection nobody would look at what is smuggled. What follows is a request of its own.</summary>
    [Fact]
    public async Task Upgrade_ToHttp2_IsNotTaken()
    {
        var answers = await SendAsync($"GET /auth/{platform.Bootstrap.ClientId}/jwks HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQCAAAAAAIAAAAA\r\n\r\n{Smuggled}");

        Assert.Equal([200, 404], answers);
    }

    [Fact]
    public async Task Preface_OfHttp2WithoutTls_IsRefused() => Assert.DoesNotContain(200, await SendAsync($"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n{Smuggled}"));

    private string SignedHeaders => $"X-Client-Id: {platform.Bootstrap.ClientId}\r\nX-Signature: AAAA\r\nContent-Type: application/json\r\n";

    /// <summary>Sends, and reads the status of every answer until the gateway has nothing more to say.</summary>
    private async Task<List<int>> SendAsync(string request)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(platform.Gateway.BaseAddress!.Host, platform.Gateway.BaseAddress.Port, Cancellation);
        var stream = client.GetStream();
        await stream.WriteAsync(Encoding.Latin1.GetBytes(request), Cancellation);
        using var reader = new StreamReader(stream, Encoding.Latin1);
        var answer = await reader.ReadToEndAsync(Cancellation);
        return [.. StatusLine().Matches(answer).Select(match => int.Parse(match.Groups[1].Value, System.Globalization.CultureInfo.InvariantCulture))];
    }

    [GeneratedRegex(@"HTTP/1\.1 (\d{3})")]
    private static partial Regex StatusLine();
}
