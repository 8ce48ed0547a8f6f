using System.Buffers.Text;
using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using AuthPlatform.Data.Auth;
using AuthPlatform.IntegrationTests.Infrastructure;
using Microsoft.EntityFrameworkCore;

namespace AuthPlatform.IntegrationTests.Gateway;

/// <summary>A caller may say what it likes about where it comes from, which host it meant and how: nothing goes by it.</summary>
public sealed class ForgedHeaderTests(AuthPlatformFixture platform)
{
    /// <summary>Each line is what one request claims, header by header.</summary>
    private static readonly string[] Claims =
    [
        "X-Forwarded-For: 198.51.100.7", "X-Forwarded-For: ::ffff:198.51.100.7", "X-Forwarded-For: 198.51.100.7:4711", "X-Forwarded-For: [2001:db8::7]:443", "X-Forwarded-For: 2001:db8::7",
        "X-Forwarded-For: fe80::1%eth0", "X-Forwarded-For: 203.0.113.9, 198.51.100.7", "X-Forwarded-For: 198.51.100.7, 127.0.0.1", "X-Forwarded-For: 198.51.100.7|X-Forwarded-For: 198.51.100.7",
        $"X-Forwarded-For: {string.Join(", ", Enumerable.Repeat("198.51.100.7", 500))}", "X-Forwarded-For: garbage", "X-Forwarded-For: ,,,", "X-Forwarded-For: unknown, _hidden", "X-Forwarded-For: 0x7f.1",
        "x-forwarded-for: 198.51.100.7", "X_Forwarded_For: 198.51.100.7", "Forwarded: for=198.51.100.7", "Forwarded: for=\"[2001:db8::7]:4711\";proto=https;host=evil.example;by=203.0.113.1",
        "Forwarded: for=198.51.100.7, for=198.51.100.7|Forwarded: for=198.51.100.7", "Forwarded: garbage=\"", "X-Real-IP: 198.51.100.7", "True-Client-IP: 198.51.100.7", "CF-Connecting-IP: 198.51.100.7",
        "Client-IP: 198.51.100.7", "X-Client-IP: 198.51.100.7", "X-Cluster-Client-IP: 198.51.100.7", "X-Envoy-External-Address: 198.51.100.7", "X-Original-For: 198.51.100.7:1", "X-ProxyUser-Ip: 198.51.100.7",
        "Host: evil.example", "Host: evil.example:443|X-Forwarded-Host: evil.example|X-Forwarded-Proto: https", "Host: 198.51.100.7", "X-Forwarded-Host: evil.example", "X-Forwarded-Server: evil.example",
        "X-Original-Host: evil.example", "X-Host: evil.example", "X-Forwarded-Proto: https", "X-Forwarded-Scheme: https", "X-Original-Proto: https", "X-Forwarded-Ssl: on", "Front-End-Https: on",
        "X-Forwarded-Port: 443", "X-Forwarded-Prefix: /evil", "X-Forwarded-PathBase: /evil", "X-Original-Prefix: /evil", "X-Original-URL: /internal/sign", "X-Rewrite-URL: /internal/sign",
        "X-HTTP-Method-Override: DELETE", "X-HTTP-Method: DELETE", "X-Method-Override: DELETE",
        "Host: evil.example|Forwarded: for=198.51.100.7;host=evil.example;proto=https|X-Forwarded-For: 198.51.100.7|X-Forwarded-Host: evil.example|X-Forwarded-Proto: https|X-Forwarded-Prefix: /evil|X-Original-URL: /x",
    ];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Claims_OfAnotherOrigin_ChangeNeitherAllowListNorAuditNorIssuer()
    {
        var claimed = await platform.CreateApplicationAsync(a => a.AllowedIps = ["198.51.100.0/24", "2001:db8::/32", "203.0.113.0/24", "fe80::/10"], Cancellation);
        var real = await platform.CreateApplicationAsync(a => a.AllowedIps = ["127.0.0.0/8", "::1"], Cancellation);
        var metadata = new Uri($"/auth/{real.ClientId}/.well-known/openid-configuration", UriKind.Relative);
        var expected = await platform.Gateway.GetStringAsync(metadata, Cancellation);
        var issuer = JsonElement.Parse(expected).Text("issuer");

        foreach (var claim in Claims)
        {
            var (status, body, _) = await SendAsync(() => Token(claimed), claim);
            Assert.True(status == HttpStatusCode.Forbidden, $"{claim}: {status}");
            Assert.Matches(@"^Access denied for IP: (127\.0\.0\.1|::1)$", JsonElement.Parse(body).Text("detail"));

            (status, body, var headers) = await SendAsync(() => Token(real), claim);
            Assert.True(status == HttpStatusCode.OK, $"{claim}: {status}");
            Assert.Equal((claim, issuer), (claim, Payload(JsonElement.Parse(body).Text("access_token")).Text("iss")));
            Assert.False(headers.Contains("Strict-Transport-Security"), claim);

            (status, body, _) = await SendAsync(() => new HttpRequestMessage(HttpMethod.Get, metadata), claim);
            Assert.Equal((claim, HttpStatusCode.OK, expected), (claim, status, body));
        }

        await using var database = await platform.OpenAuthDatabaseAsync(Cancellation);
        var written = database.AuditEvents.Where(e => e.ClientId == real.ClientId && e.Kind == AuditKinds.Issued).Select(e => e.Address);
        await Eventually.TrueAsync(async () => await written.CountAsync(Cancellation) >= Claims.Length, Cancellation);
        Assert.All(await written.ToListAsync(Cancellation), address => Assert.True(IPAddress.IsLoopback(IPAddress.Parse(address!)), address));
    }

    /// <summary>A new origin with every request is still one caller, and none of them makes a connection a secure one: somebody else is trusted.</summary>
    [Fact]
    public async Task Claims_OfAnotherOriginEachTime_AreCountedForTheOneCallerWhoStillSeesTheHealth()
    {
        using var gateway = await GatewayProcess.StartAsync(
            platform,
            new() { ["TrustedProxies__Addresses__0"] = "203.0.113.1", ["Limits__Address__PerSecond"] = "1", ["Limits__Address__Burst"] = "20" },
            Cancellation);

        using var request = Claiming(new HttpRequestMessage(HttpMethod.Get, "/health"), "Host: auth.example|X-Forwarded-For: 198.51.100.7|X-Forwarded-Proto: https");
        using var claimed = await gateway.Http.SendAsync(request, Cancellation);
        Assert.False(claimed.Headers.Contains("Strict-Transport-Security"), "https is believed from anybody.");

        var made = 0;
        await RateLimitTests.AssertLimitedAfterAsync(20, HttpStatusCode.NotFound, "address", () => gateway.Http.SendFreshAsync(() => Claim(made++), Cancellation));
        Assert.True(made >= Claims.Length, $"Only {made} of {Claims.Length} claims were made.");

        using var health = await gateway.Http.GetAsync(new Uri("/health/ready", UriKind.Relative), Cancellation);
        Assert.Equal(HttpStatusCode.OK, health.StatusCode);

        static HttpRequestMessage Claim(int number) =>
            Claiming(new HttpRequestMessage(HttpMethod.Get, "/nothing"), Claims[number % Claims.Length].Replace("198.51.100.7", $"198.51.{number}.7", StringComparison.Ordinal));
    }

    /// <summary>Two proxies stand in front: what stands before their words is a claim like any other, and all addresses of one IPv6 network are one caller.</summary>
    [Fact]
    public async Task Network_BehindTwoTrustedProxies_IsCountedAsOneCallerWhateverStandsBefore()
    {
        using var gateway = await GatewayProcess.StartAsync(
            platform,
            new()
            {
                ["TrustedProxies__Addresses__0"] = "127.0.0.0/8",
                ["TrustedProxies__Hops"] = "2",
                ["Limits__Address__PerSecond"] = "1",
                ["Limits__Address__Burst"] = "20",
            },
            Cancellation);

        var answers = new List<HttpStatusCode>();
        for (var i = 0; i < 80; i++)
        {
            answers.Add(await StatusAsync($"203.0.113.{i}, 2001:db8:1:2::{i:x}, 127.0.0.1"));
        }

        Assert.All(answers.Take(20), status => Assert.Equal(HttpStatusCode.NotFound, status));
        Assert.Contains(HttpStatusCode.TooManyRequests, answers);
        Assert.Equal(HttpStatusCode.NotFound, await StatusAsync("2001:db8:1:2::1, 2001:db8:1:3::1, 127.0.0.1"));

        async Task<HttpStatusCode> StatusAsync(string forwardedFor)
        {
            using var request = Claiming(new HttpRequestMessage(HttpMethod.Get, "/nothing"), $"X-Forwarded-For: {forwardedFor}");
            using var response = await gateway.Http.SendAsync(request, Cancellation);
            return response.StatusCode;
        }
    }

    private static HttpRequestMessage Token(TestApplication application) => SignedRequests.V2(application, "/auth/token", SignedRequests.TokenBody(SignedRequests.NewUser()));

    private async Task<(HttpStatusCode Status, string Body, HttpResponseHeaders Headers)> SendAsync(Func<HttpRequestMessage> make, string claim)
    {
        using var response = await platform.Gateway.SendFreshAsync(() => Claiming(make(), claim), Cancellation);
        return (response.StatusCode, await response.Content.ReadAsStringAsync(Cancellation), response.Headers);
    }

    private static HttpRequestMessage Claiming(HttpRequestMessage request, string claim)
    {
        foreach (var header in claim.Split('|'))
        {
            var (name, value) = (header[..header.IndexOf(':', StringComparison.Ordinal)], header[(header.IndexOf(':', StringComparison.Ordinal) + 2)..]);
            Assert.True(request.Headers.TryAddWithoutValidation(name, value), header);
        }

        return request;
    }

    private static JsonElement Payload(string token) => JsonElement.Parse(Base64Url.DecodeFromChars(token.Split('.')[1]));
}
