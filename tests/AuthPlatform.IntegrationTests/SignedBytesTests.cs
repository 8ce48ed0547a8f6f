using System.Net;
using System.Net.Http.Headers;
using System.Text;
using AuthPlatform.IntegrationTests.Infrastructure;

namespace AuthPlatform.IntegrationTests;

/// <summary>A signature is over the bytes of a body, whatever they mean, and as many as an endpoint takes.</summary>
public sealed class SignedBytesTests(AuthPlatformFixture platform)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Body_AsNoProgramOfOursWritesIt_IsVerifiedAsItWasSent(int version)
    {
        var (status, _) = await platform.SendFreshAsync(
            () => Signed(
                version,
                platform.Bootstrap,
                $"{{\r\n  \"unique_key\" : \"{SignedRequests.NewUser()}\",\r\n\t\"device\": \"한국어 휴대폰\" ,\r\n  \"\\u0069p\" : \"\", \"timestamp\" : {SignedRequests.Now()}.0\r\n}}\r\n\r\n"),
            Cancellation);

        Assert.Equal(HttpStatusCode.OK, status);
    }

    /// <summary>Each means the same as what was signed.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Body_WithOtherBytesOfTheSameMeaning_IsRefused(int version)
    {
        // Its own: so many refusals would leave other tests with few until the gateway refuses all.
        var application = await platform.CreateApplicationAsync(a => a.MinimumSignatureVersion = 1, Cancellation);
        var (user, now) = (SignedRequests.NewUser(), SignedRequests.Now());
        var signed = $$"""{"unique_key":"{{user}}","device":"한","timestamp":{{now}}}""";
        (string Body, HttpStatusCode Expected)[] others =
        [
            ($$"""{"unique_key": "{{user}}","device":"한","timestamp":{{now}}}""", HttpStatusCode.Unauthorized),
            ($$"""{"device":"한","unique_key":"{{user}}","timestamp":{{now}}}""", HttpStatusCode.Unauthorized),
            ($$"""{"unique_key":"{{user}}","device":"\ud55c","timestamp":{{now}}}""", HttpStatusCode.Unauthorized),
            (signed + "\r\n", HttpStatusCode.Unauthorized),
            // No JSON; version 1, whose timestamp is in there, says that first.
            ("\uFEFF" + signed, version == 1 ? HttpStatusCode.BadRequest : HttpStatusCode.Unauthorized),
        ];
        foreach (var (body, expected) in others)
        {
            var (status, problem) = await platform.SendFreshAsync(
                () =>
                {
                    var request = Signed(version, application, signed);
                    request.Content = new ByteArrayContent(Encoding.UTF8.GetBytes(body)) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") } };
                    return request;
                },
                Cancellation);

            Assert.Equal((expected, expected == HttpStatusCode.BadRequest ? "invalid_json" : "invalid_signature", body), (status, problem.Text("code"), body));
        }

        var (unchanged, _) = await platform.SendFreshAsync(
            () => Signed(version, application, $$"""{"unique_key":"{{user}}","device":"한","timestamp":{{SignedRequests.Now()}}}"""), Cancellation);
        Assert.Equal(HttpStatusCode.OK, unchanged);
    }

    [Theory]
    [InlineData(64 * 1024, false, HttpStatusCode.OK)]
    [InlineData(64 * 1024, true, HttpStatusCode.OK)]
    [InlineData((64 * 1024) + 1, false, HttpStatusCode.RequestEntityTooLarge)]
    [InlineData((64 * 1024) + 1, true, HttpStatusCode.RequestEntityTooLarge)]
    public async Task Body_OfSoManyBytes_IsTakenUpTo64Kilobytes(int bytes, bool chunked, HttpStatusCode expected)
    {
        var (status, _) = await platform.SendFreshAsync(
            () =>
            {
                var request = SignedRequests.V2(platform.Bootstrap, "/auth/token", SignedRequests.TokenBody(SignedRequests.NewUser()).PadRight(bytes));
                request.Headers.TransferEncodingChunked = chunked;
                return request;
            },
            Cancellation);

        Assert.Equal(expected, status);
    }

    private static HttpRequestMessage Signed(int version, TestApplication application, string body) =>
        version == 1 ? SignedRequests.V1(application, "/auth/token", body) : SignedRequests.V2(application, "/auth/token", body);
}
