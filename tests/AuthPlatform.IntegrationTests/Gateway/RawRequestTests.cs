using System.Net.Sockets;
using System.Text;
using System.Text.RegularExpressions;
using AuthPlatform.IntegrationTests.Infrastructure;

namespace AuthPlatform.IntegrationTests.Gateway;

/// <summary>Bytes that no HTTP client writes: where two servers could disagree about where a request ends or where it goes.</summary>
[Collection<RecordedGateway.Tests>]
public sealed partial class RawRequestTests(AuthPlatformFixture platform, RecordedGateway gateway)
{
    /// <summary>Is answered 404 by the gateway; only a service behind it could say anything else.</summary>
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
        gateway.Seen.Clear();
        var answers = await SendAsync(gateway.Address, $"POST /auth/token HTTP/1.1\r\nHost: localhost\r\n{SignedHeaders}{headers}\r\n{body}{Smuggled}");

        Assert.InRange(Assert.Single(answers), 400, 499);
        Assert.Empty(gateway.Seen);
    }

    /// <summary>
    /// RFC 9112 §6.3: the transfer coding counts, and the length is not passed on. What comes after the body is no part of it: the gateway, by its version, answers it or ends
    /// the connection.
    /// </summary>
    [Fact]
    public async Task Length_BesideATransferCoding_DoesNotCount()
    {
        gateway.Seen.Clear();
        var answers = await SendAsync(
            gateway.Address, $"POST /auth/token HTTP/1.1\r\nHost: localhost\r\n{SignedHeaders}Content-Length: 60\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{{}}\r\n0\r\n\r\n{Smuggled}");

        Assert.Equal(200, answers[0]);
        Assert.All(answers.Skip(1), status => Assert.Equal(404, status));
        var (target, headers, body) = Assert.Single(gateway.Seen);
        Assert.Equal(("/auth/token", "{}"), (target, body));
        Assert.Equal((null, "chunked"), (headers.ContentLength, headers.TransferEncoding.ToString()));
    }

    /// <summary>A service behind it believes the gateway: what it reads there must be the gateway's own words, and no others.</summary>
    [Fact]
    public async Task Header_ThatClaimsAnotherOrigin_IsReplacedOrGone()
    {
        const string Claims = "X-Forwarded-For: 198.51.100.7\r\nX-Forwarded-Host: evil.example\r\nX-Forwarded-Proto: https\r\nX-Forwarded-Prefix: /evil\r\n"
            + "Forwarded: for=198.51.100.7\r\nX-Real-IP: 198.51.100.7\r\nX-Original-For: 198.51.100.7:4711\r\n";
        gateway.Seen.Clear();
        Assert.Equal([200], await SendAsync(gateway.Address, $"POST /auth/token HTTP/1.1\r\nHost: localhost\r\n{SignedHeaders}{Claims}Content-Length: 2\r\nConnection: close\r\n\r\n{{}}"));

        var (_, headers, _) = Assert.Single(gateway.Seen);
        Assert.Equal(("127.0.0.1", "localhost", "http"), (headers["X-Forwarded-For"].ToString(), headers["X-Forwarded-Host"].ToString(), headers["X-Forwarded-Proto"].ToString()));
        foreach (var claim in (string[])["X-Forwarded-Prefix", "Forwarded", "X-Real-IP", "X-Original-For"])
        {
            Assert.False(headers.ContainsKey(claim), claim);
        }
    }

    /// <summary>Any proxy may make one line of the two (RFC 9110 §5.3), and the gateway does. Only signatures are good as a list.</summary>
    [Theory]
    [InlineData("X-Client-Id", 401)]
    [InlineData("X-Timestamp", 400)]
    [InlineData("X-Nonce", 400)]
    [InlineData("X-Signature", 200)]
    public async Task SigningHeader_SentTwice_IsOneWithBothValues(string header, int expected)
    {
        var status = 0;
        await Eventually.TrueAsync(async () => (status = Assert.Single(await SendAsync(platform.Gateway.BaseAddress!, await WithTwoAsync(header)))) != 503, Cancellation);

        Assert.Equal(expected, status);
    }

    /// <summary>Nothing in it begins a line or speaks to a terminal, not even of a request that fails so that it is logged.</summary>
    [Fact]
    public async Task Log_OfARequestWithControlCharacters_HasNoneOfThem()
    {
        const string Hostile = "%0d%0aforged%1b%5b31m";
        foreach (var raw in (string[])["\u001b[31m", ""])
        {
            var headers = $"User-Agent: {Hostile}{raw}\r\nX-Client-Id: {Hostile}{raw}\r\nTransfer-Encoding: chunked\r\n";
            Assert.Equal([400], await SendAsync(gateway.Address, $"POST /auth/{Hostile} HTTP/1.1\r\nHost: localhost\r\n{headers}\r\nZ\r\n{{}}\r\n0\r\n\r\n"));
        }

        // This one is told of; by then, whatever was to be said of the others has been.
        var broken = $"User-Agent: {Hostile}\r\nX-Client-Id: {Hostile}\r\nContent-Length: {RecordedGateway.BreakOff.Length}\r\nConnection: close\r\n";
        Assert.Equal([503], await SendAsync(gateway.Address, $"POST /auth/{Hostile} HTTP/1.1\r\nHost: localhost\r\n{broken}\r\n{RecordedGateway.BreakOff}"));
        await Eventually.TrueAsync(() => Task.FromResult(gateway.Log.Any(line => line.Contains("failed a request", StringComparison.Ordinal))), Cancellation);
        Assert.DoesNotContain(gateway.Log, line => line.Any(char.IsControl) || line.StartsWith("forged", StringComparison.Ordinal));
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
        Assert.InRange(Assert.Single(await SendAsync(platform.Gateway.BaseAddress!, $"GET {target} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")), 400, 405);

    /// <summary>The case of a method counts: what the service behind would take for one that it knows is none here, nor to whoever has signed it. And nobody is connected to anybody.</summary>
    [Theory]
    [InlineData("head")]
    [InlineData("Head")]
    [InlineData("post")]
    [InlineData("CONNECT")]
    public async Task Method_ThatIsNone_IsRefusedByTheGateway(string method)
    {
        gateway.Seen.Clear();
        Assert.Equal([405], await SendAsync(gateway.Address, $"{method} /auth/token HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"));

        Assert.Empty(gateway.Seen);
    }

    [Theory]
    [InlineData("Host: localhost\r\nHost: evil.example\r\n")]
    [InlineData("Host: local host\r\n")]
    [InlineData("")]
    public async Task Host_MissingOrTwice_IsRefused(string headers) =>
        Assert.Equal([400], await SendAsync(platform.Gateway.BaseAddress!, $"GET /health HTTP/1.1\r\n{headers}\r\n"));

    /// <summary>Written byte by byte: the first is a face in UTF-8, the second is no UTF-8 at all.</summary>
    [Theory]
    [InlineData("\u00f0\u009f\u0098\u0080", 200)]
    [InlineData("\u00ff", 400)]
    public async Task Header_BeyondAscii_IsPassedOnOrRefused(string value, int expected) =>
        Assert.Equal([expected], await SendAsync(
            platform.Gateway.BaseAddress!, $"GET /auth/{platform.Bootstrap.ClientId}/jwks HTTP/1.1\r\nHost: localhost\r\nUser-Agent: {value}\r\nConnection: close\r\n\r\n"));

    [Fact]
    public async Task Headers_TooMany_AreRefused() =>
        Assert.Equal([431], await SendAsync(platform.Gateway.BaseAddress!, $"GET /health HTTP/1.1\r\nHost: localhost\r\n{string.Concat(Enumerable.Repeat("X: y\r\n", 200))}\r\n"));

    /// <summary>HTTP/2 is spoken over TLS only: behind an upgrade on a plain connection nobody would look at what is smuggled. What follows is a request of its own.</summary>
    [Fact]
    public async Task Upgrade_ToHttp2_IsNotTaken()
    {
        const string Upgrade = "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQCAAAAAAIAAAAA\r\n";
        var answers = await SendAsync(platform.Gateway.BaseAddress!, $"GET /auth/{platform.Bootstrap.ClientId}/jwks HTTP/1.1\r\nHost: localhost\r\n{Upgrade}\r\n{Smuggled}");

        Assert.Equal([200, 404], answers);
    }

    [Fact]
    public async Task Preface_OfHttp2WithoutTls_IsRefused() => Assert.DoesNotContain(200, await SendAsync(platform.Gateway.BaseAddress!, $"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n{Smuggled}"));

    private string SignedHeaders => $"X-Client-Id: {platform.Bootstrap.ClientId}\r\nX-Signature: AAAA\r\nContent-Type: application/json\r\n";

    /// <summary>A request that is good but for one header, which it has twice.</summary>
    private async Task<string> WithTwoAsync(string header)
    {
        using var request = SignedRequests.V2(platform.Bootstrap, "/auth/token", SignedRequests.TokenBody(SignedRequests.NewUser()));
        var body = await request.Content!.ReadAsStringAsync(Cancellation);
        var lines = string.Concat(request.Headers.Select(sent => string.Concat(Enumerable.Repeat($"{sent.Key}: {sent.Value.Single()}\r\n", sent.Key == header ? 2 : 1))));
        return $"POST /auth/token HTTP/1.1\r\nHost: localhost\r\n{lines}Content-Type: application/json\r\nContent-Length: {body.Length}\r\nConnection: close\r\n\r\n{body}";
    }

    /// <summary>Sends, and reads the status of every answer until the gateway has nothing more to say.</summary>
    private static async Task<List<int>> SendAsync(Uri to, string request)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(to.Host, to.Port, Cancellation);
        var stream = client.GetStream();
        await stream.WriteAsync(Encoding.Latin1.GetBytes(request), Cancellation);
        using var reader = new StreamReader(stream, Encoding.Latin1);
        var answer = await reader.ReadToEndAsync(Cancellation);
        return [.. StatusLine().Matches(answer).Select(match => int.Parse(match.Groups[1].Value, System.Globalization.CultureInfo.InvariantCulture))];
    }

    [GeneratedRegex(@"HTTP/1\.1 (\d{3})")]
    private static partial Regex StatusLine();
}
