using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;
using AuthPlatform.Contracts.Signing;
using AuthPlatform.IntegrationTests.Infrastructure;

namespace AuthPlatform.IntegrationTests;

/// <summary>Wrong input through the gateway: each kind has its 4xx, none a 500.</summary>
public sealed class HostileRequestTests(AuthPlatformFixture platform)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Headers_Missing_Answer401WithAChallenge()
    {
        using var content = Json("{}");
        using var response = await platform.Gateway.PostAsync("/auth/token", content, Cancellation);
        var problem = await response.ReadJsonAsync(Cancellation);

        Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode);
        Assert.NotEmpty(response.Headers.WwwAuthenticate);
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType?.MediaType);
        Assert.Equal(("Missing HMAC headers", "invalid_client", 401), (problem.Text("detail"), problem.Text("error"), problem.GetProperty("status").GetInt32()));
        Assert.Equal(problem.Text("detail"), problem.Text("error_description"));
        Assert.Equal(32, problem.Text("trace_id").Length);
    }

    [Theory]
    [InlineData("not base64")]
    [InlineData("v2=AAAA")]
    [InlineData("v2=")]
    [InlineData("7077a440e0942a6d1562f3960d7afab33bad294754ddc3bd8581f73176fcb0f2")]
    public Task Signature_NotBase64_IsAWrongSignature(string signature) => AssertProblemAsync(
        () =>
        {
            var request = SignedRequests.V2(platform.Bootstrap, "/auth/token", SignedRequests.TokenBody(SignedRequests.NewUser()));
            request.Headers.Remove(SigningHeaders.Signature);
            request.Headers.TryAddWithoutValidation(SigningHeaders.Signature, signature);
            return request;
        },
        HttpStatusCode.Unauthorized,
        "Invalid HMAC signature");

    [Fact]
    public async Task Signature_ByAnUnknownDisabledOrWronglyKeyedApplication_GivesOneAnswer()
    {
        var disabled = await platform.CreateApplicationAsync(a => a.Enabled = false, Cancellation);
        var body = SignedRequests.TokenBody(SignedRequests.NewUser());
        var answers = new List<string>();
        foreach (var application in new[] { new TestApplication("nobody", "x"), disabled, platform.Bootstrap with { Secret = "wrong" }, new TestApplication("x'; DROP TABLE applications; --", "x") })
        {
            var (status, problem) = await platform.SendSignedAsync(application, "/auth/token", () => body, Cancellation);
            answers.Add($"{status} {problem.Text("code")} {problem.Text("detail")} {problem.Text("error")}");
        }

        Assert.Equal("Unauthorized invalid_signature Invalid HMAC signature invalid_client", Assert.Single(answers.Distinct()));
    }

    [Fact]
    public async Task Signature_OfAnotherPathOrBody_IsWrong()
    {
        await AssertProblemAsync(
            () =>
            {
                var request = SignedRequests.V2(platform.Bootstrap, "/auth/verify", SignedRequests.TokenBody(SignedRequests.NewUser()));
                request.RequestUri = new Uri("/auth/token", UriKind.Relative);
                return request;
            },
            HttpStatusCode.Unauthorized,
            "Invalid HMAC signature");
        await AssertProblemAsync(
            () =>
            {
                var request = SignedRequests.V2(platform.Bootstrap, "/auth/token", """{"unique_key":"a"}""");
                request.Content = Json("""{"unique_key": "a"}""");
                return request;
            },
            HttpStatusCode.Unauthorized,
            "Invalid HMAC signature");
    }

    [Fact]
    public async Task Path_EscapedByTheClient_ReachesTheSignatureAsSent()
    {
        using var response = await platform.Gateway.SendFreshAsync(
            async () =>
            {
                var request = SignedRequests.V2(platform.Bootstrap, "/auth/%74oken?a=%7e", SignedRequests.TokenBody(SignedRequests.NewUser()));
                // Signed as path and query, each as sent.
                var parts = new RequestSignatureV2.Parts("POST", "/auth/%74oken", "a=%7e", request.Headers.GetValues(SigningHeaders.Timestamp).Single(), request.Headers.GetValues(SigningHeaders.Nonce).Single(), platform.Bootstrap.ClientId);
                request.Headers.Remove(SigningHeaders.Signature);
                request.Headers.Add(SigningHeaders.Signature, RequestSignatureV2.Sign(platform.Bootstrap.Secret, parts, await request.Content!.ReadAsByteArrayAsync(Cancellation)));
                request.RequestUri = Verbatim("/auth/%74oken?a=%7e");
                return request;
            },
            Cancellation);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
    }

    [Theory]
    [InlineData(-302)]
    [InlineData(330)]
    public async Task Timestamp_BeyondTheSkew_IsExpired(int offset) =>
        await AssertProblemAsync(
            () => SignedRequests.V2(platform.Bootstrap, "/auth/token", SignedRequests.TokenBody(SignedRequests.NewUser()), SignedRequests.Now() + offset),
            HttpStatusCode.Unauthorized,
            "Request timestamp expired (±5 min limit)");

    [Theory]
    [InlineData("""{"unique_key":"a"}""", "Missing timestamp in body")]
    [InlineData("""{"unique_key":"a","timestamp":"1760000000"}""", "Invalid timestamp value")]
    [InlineData("""{"unique_key":"a","timestamp":true}""", "Invalid timestamp value")]
    [InlineData("""{"unique_key":"a","timestamp":1,"timestamp":1}""", "Invalid JSON body")]
    [InlineData("""[{"unique_key":"a","timestamp":1}]""", "Invalid JSON body")]
    [InlineData("{", "Invalid JSON body")]
    [InlineData("", "Invalid JSON body")]
    public async Task V1Body_WithoutAUsableTimestamp_IsRefused(string body, string detail) =>
        await AssertProblemAsync(() => SignedRequests.V1(platform.Bootstrap, "/auth/token", body), HttpStatusCode.BadRequest, detail);

    [Theory]
    [InlineData("[]", "Invalid JSON body")]
    [InlineData("{}{}", "Invalid JSON body")]
    [InlineData("""{"unique_key":"a","unique_key":"b"}""", "Invalid JSON body")]
    [InlineData("""{"unique_key":"a\u0000b"}""", "Invalid JSON body")]
    [InlineData("""{"unique_key":"\ud800"}""", "Invalid JSON body")]
    [InlineData("{}", "Missing unique_key")]
    [InlineData("""{"unique_key":""}""", "Missing unique_key")]
    [InlineData("""{"unique_key":null}""", "Missing unique_key")]
    [InlineData("""{"unique_key":7}""", "Missing unique_key")]
    [InlineData("""{"unique_key":"a","device":{}}""", "device must be a string of at most 512 characters")]
    [InlineData("""{"unique_key":"a","ip":"somewhere"}""", "ip must be an IPv4 or IPv6 address, or empty")]
    [InlineData("""{"unique_key":"a","ip":"010.0.0.1"}""", "ip must be an IPv4 or IPv6 address, or empty")]
    [InlineData("""{"unique_key":"a","claims":[]}""", "claims must be an object of at most 2048 bytes")]
    [InlineData("""{"unique_key":"a","claims":{"client_id":"b"}}""", "claims must not contain 'client_id': the platform sets it, or libraries give it a meaning")]
    public async Task Body_WithAWrongMember_IsRefusedByName(string body, string detail) =>
        await AssertProblemAsync(() => SignedRequests.V2(platform.Bootstrap, "/auth/token", body), HttpStatusCode.BadRequest, detail);

    [Fact]
    public async Task UniqueKey_Of128CodePoints_IsTakenAnd129AreNot()
    {
        var longest = string.Concat(Enumerable.Repeat("\U0001F600", 127)) + "é";
        await platform.IssueAsync(platform.Bootstrap, longest, Cancellation);
        await AssertProblemAsync(
            () => SignedRequests.V2(platform.Bootstrap, "/auth/token", SignedRequests.TokenBody(longest + "x")), HttpStatusCode.BadRequest, "unique_key must be at most 128 characters");
    }

    [Theory]
    [InlineData("""{"iss":"x","client_id":"y","typ":"access"}""")]
    [InlineData("'; DROP TABLE sessions; --")]
    [InlineData("\r\nX-Injected: 1")]
    [InlineData("\u202Eevil")]
    [InlineData("../../etc/passwd")]
    public async Task UniqueKey_ThatLooksLikeSomethingElse_StaysAString(string uniqueKey)
    {
        var issued = await platform.IssueAsync(platform.Bootstrap, uniqueKey, Cancellation);
        var (_, verified) = await platform.VerifyAsync(platform.Bootstrap, issued.Text("access_token"), Cancellation);
        Assert.Equal((uniqueKey, platform.Bootstrap.ClientId), (verified.GetProperty("payload").Text("sub"), verified.GetProperty("payload").Text("client_id")));
    }

    [Fact]
    public async Task Body_Of65Kilobytes_IsTooLarge()
    {
        var body = SignedRequests.TokenBody(new string('x', 65 * 1024));
        await AssertProblemAsync(() => SignedRequests.V2(platform.Bootstrap, "/auth/token", body), HttpStatusCode.RequestEntityTooLarge);
        await AssertProblemAsync(
            () =>
            {
                var chunked = SignedRequests.V2(platform.Bootstrap, "/auth/token", body);
                chunked.Headers.TransferEncodingChunked = true;
                return chunked;
            },
            HttpStatusCode.RequestEntityTooLarge);
    }

    [Fact]
    public async Task Body_CompressedOrNotJson_IsUnsupported()
    {
        await AssertUnsupportedAsync(headers => headers.ContentEncoding.Add("gzip"));
        foreach (var type in new[] { "text/plain", "application/x-www-form-urlencoded", "application/json; charset=utf-16", "application/json-patch+json" })
        {
            await AssertUnsupportedAsync(headers => headers.ContentType = MediaTypeHeaderValue.Parse(type));
        }

        Task AssertUnsupportedAsync(Action<HttpContentHeaders> change) => AssertProblemAsync(
            () =>
            {
                var request = SignedRequests.V2(platform.Bootstrap, "/auth/token", "{}");
                change(request.Content!.Headers);
                return request;
            },
            HttpStatusCode.UnsupportedMediaType);
    }

    [Fact]
    public async Task SignatureVersion_BelowTheApplicationsMinimum_IsRefused()
    {
        var application = await platform.CreateApplicationAsync(_ => { }, Cancellation);
        await AssertProblemAsync(
            () => SignedRequests.V1(application, "/auth/token", SignedRequests.TokenBody(SignedRequests.NewUser())), HttpStatusCode.Unauthorized, "This application takes version 2 signatures only");
    }

    [Fact]
    public async Task Caller_OutsideTheAllowList_IsDeniedWhateverItClaims()
    {
        var application = await platform.CreateApplicationAsync(a => a.AllowedIps = ["198.51.100.0/24"], Cancellation);

        var (status, problem) = await platform.SendFreshAsync(
            () =>
            {
                var request = SignedRequests.V2(application, "/auth/token", SignedRequests.TokenBody(SignedRequests.NewUser()));
                request.Headers.Add("X-Forwarded-For", "198.51.100.7");
                request.Headers.Add("Forwarded", "for=198.51.100.7");
                request.Headers.Add("X-Real-IP", "198.51.100.7");
                return request;
            },
            Cancellation);

        Assert.Equal(HttpStatusCode.Forbidden, status);
        Assert.Matches(@"^Access denied for IP: (127\.0\.0\.1|::1)$", problem.Text("detail"));
    }

    [Fact]
    public async Task Caller_InsideTheAllowList_GetsAToken()
    {
        var application = await platform.CreateApplicationAsync(a => a.AllowedIps = ["127.0.0.0/8", "::1"], Cancellation);
        await platform.IssueAsync(application, SignedRequests.NewUser(), Cancellation);
    }

    [Fact]
    public async Task Verify_WithoutAToken_SaysSo()
    {
        foreach (var body in new[] { "{}", """{"token":""}""", """{"token":null}""", """{"token":["a"]}""", """{"token":1}""" })
        {
            await AssertProblemAsync(() => SignedRequests.V2(platform.Bootstrap, "/auth/verify", body), HttpStatusCode.BadRequest, "Missing or invalid 'token' field");
        }
    }

    [Theory]
    [InlineData("GET", "/auth/token", HttpStatusCode.MethodNotAllowed)]
    [InlineData("DELETE", "/auth/verify", HttpStatusCode.MethodNotAllowed)]
    [InlineData("POST", "/auth/nothing", HttpStatusCode.NotFound)]
    [InlineData("GET", "/", HttpStatusCode.NotFound)]
    [InlineData("GET", "/auth/nobody/jwks", HttpStatusCode.NotFound)]
    [InlineData("GET", "/auth/%20/jwks", HttpStatusCode.NotFound)]
    [InlineData("POST", "/internal/sign", HttpStatusCode.NotFound)]
    [InlineData("POST", "/auth/../internal/sign", HttpStatusCode.NotFound)]
    [InlineData("POST", "/auth/%2e%2e/internal/sign", HttpStatusCode.NotFound)]
    public async Task Address_ThatServesNothing_AnswersAProblem(string method, string target, HttpStatusCode expected)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), Verbatim(target));
        using var response = await platform.Gateway.SendAsync(request, Cancellation);

        Assert.Equal(expected, response.StatusCode);
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType?.MediaType);
        Assert.Equal(expected == HttpStatusCode.MethodNotAllowed, response.Content.Headers.Allow.Count > 0);
        // The older service's text.
        Assert.Equal(expected == HttpStatusCode.NotFound, (await response.ReadJsonAsync(Cancellation)).Text("detail") == "Not Found");
    }

    [Fact]
    public async Task Header_OfTenMegabytes_IsRefused() =>
        Assert.Equal("HTTP/1.1 431", await SendRawAsync("POST /auth/token HTTP/1.1\r\nHost: localhost\r\nX-Signature: " + new string('a', 10 * 1024 * 1024) + "\r\n\r\n"));

    /// <summary>The server waits for the rest of the body for some seconds, no longer.</summary>
    [Fact]
    public async Task Body_ThatNeverEnds_TimesOut() =>
        Assert.Equal(
            "HTTP/1.1 408",
            await SendRawAsync($"POST /auth/token HTTP/1.1\r\nHost: localhost\r\nX-Client-Id: {platform.Bootstrap.ClientId}\r\nX-Signature: AAAA\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{{\"unique"));

    /// <summary>Writes bytes that no HTTP client would, and reads the start of the answer.</summary>
    private async Task<string> SendRawAsync(string request)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(platform.Gateway.BaseAddress!.Host, platform.Gateway.BaseAddress.Port, Cancellation);
        var stream = client.GetStream();
        try
        {
            await stream.WriteAsync(Encoding.ASCII.GetBytes(request), Cancellation);
        }
        catch (IOException)
        {
            // The server stopped listening before the end; its answer is there all the same.
        }

        var answer = new byte[12];
        await stream.ReadAtLeastAsync(answer, answer.Length, throwOnEndOfStream: false, Cancellation);
        return Encoding.ASCII.GetString(answer);
    }

    private async Task AssertProblemAsync(Func<HttpRequestMessage> make, HttpStatusCode expected, string? detail = null)
    {
        var (status, problem) = await platform.SendFreshAsync(make, Cancellation);
        Assert.Equal(expected, status);
        Assert.Equal(detail ?? problem.Text("detail"), problem.Text("detail"));
    }

    /// <summary>An address of the gateway that is sent as it is written.</summary>
    private Uri Verbatim(string target) => new(platform.Gateway.BaseAddress!.GetLeftPart(UriPartial.Authority) + target, new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true });

    private static StringContent Json(string body) => new(body, Encoding.UTF8, "application/json");
}
