using AuthPlatform.Contracts.Signing;
using Microsoft.AspNetCore.Http.Features;
using LoadClient = AuthPlatform.LoadGenerator.SigningClient;

namespace AuthPlatform.UnitTests.LoadGenerator;

public sealed class SigningClientTests
{
    private const string Secret = "the secret of a client";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>The path of a public address that has one.</summary>
    [Theory]
    [InlineData("", "/auth/token")]
    [InlineData("/id", "/id/auth/token")]
    [InlineData("/id/", "/id/auth/token")]
    public async Task PostAsync_BelowThePathOfAnAddress_SignsWhatItSends(string path, string expected)
    {
        await using var server = await LocalServer.StartAsync(async context =>
        {
            using var body = new MemoryStream();
            await context.Request.Body.CopyToAsync(body, context.RequestAborted);
            var target = context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget;
            var headers = context.Request.Headers;
            var parts = new RequestSignatureV2.Parts("POST", expected, "", headers[SigningHeaders.Timestamp].ToString(), headers[SigningHeaders.Nonce].ToString(), "shop");
            var isSigned = RequestSignatureV2.Sign(Secret, parts, body.ToArray()) == headers[SigningHeaders.Signature].ToString();
            context.Response.StatusCode = target == expected && isSigned ? 200 : 400;
        });
        using var client = new LoadClient(new Uri(server.Urls.Single() + path), "shop", Secret, 2);

        Assert.Equal(200, (await client.PostAsync("/auth/token", "\"unique_key\":\"user\"", Cancellation)).Status);
    }
}
