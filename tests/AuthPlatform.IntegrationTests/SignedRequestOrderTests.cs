using System.Net;
using AuthPlatform.IntegrationTests.Infrastructure;

namespace AuthPlatform.IntegrationTests;

/// <summary>Whatever is found out of a signed request before its signature is known to be right is told to nobody, and kept nowhere.</summary>
public sealed class SignedRequestOrderTests(AuthPlatformFixture platform)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>From where an application may call, and by which version, is told to whoever has its secret.</summary>
    [Fact]
    public async Task Signature_OfSomebodyElse_IsAllThatIsWrongWithARequest()
    {
        var application = await platform.CreateApplicationAsync(a => a.AllowedIps = ["198.51.100.0/24"], Cancellation);
        var stranger = application with { Secret = "wrong" };

        Assert.Equal("invalid_signature", await RefusalAsync(() => SignedRequests.V1(stranger, "/auth/token", Body())));
        Assert.Equal("invalid_signature", await RefusalAsync(() => SignedRequests.V2(stranger, "/auth/token", Body())));
        Assert.Equal("signature_version_too_old", await RefusalAsync(() => SignedRequests.V1(application, "/auth/token", Body())));
        Assert.Equal("address_not_allowed", await RefusalAsync(() => SignedRequests.V2(application, "/auth/token", Body())));
    }

    /// <summary>Or strangers who guess what a client sends next would keep it out.</summary>
    [Fact]
    public async Task Nonce_UnderAWrongSignature_IsNotUsedUp()
    {
        var (wrong, right) = (HttpStatusCode.OK, HttpStatusCode.OK);
        // After a 503 the nonce may be used up: both begin anew.
        await Eventually.TrueAsync(
            async () =>
            {
                var nonce = SignedRequests.Nonce();
                wrong = await StatusAsync(platform.Bootstrap with { Secret = "wrong" }, nonce);
                right = await StatusAsync(platform.Bootstrap, nonce);
                return wrong != HttpStatusCode.ServiceUnavailable && right != HttpStatusCode.ServiceUnavailable;
            },
            Cancellation);

        Assert.Equal((HttpStatusCode.Unauthorized, HttpStatusCode.OK), (wrong, right));

        async Task<HttpStatusCode> StatusAsync(TestApplication signer, string nonce) =>
            (await platform.SendAsync(SignedRequests.V2(signer, "/auth/token", Body(), nonce: nonce), Cancellation)).Status;
    }

    private async Task<string> RefusalAsync(Func<HttpRequestMessage> make) => (await platform.SendFreshAsync(make, Cancellation)).Body.Text("code");

    private static string Body() => SignedRequests.TokenBody(SignedRequests.NewUser());
}
