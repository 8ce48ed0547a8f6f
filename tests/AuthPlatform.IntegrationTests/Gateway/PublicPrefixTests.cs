using System.Net;
using System.Text.Json;
using AuthPlatform.IntegrationTests.Deployment;
using AuthPlatform.IntegrationTests.Infrastructure;

namespace AuthPlatform.IntegrationTests.Gateway;

/// <summary>A public address with a path, from the signature over it to the keys that it leads to.</summary>
public sealed class PublicPrefixTests(AuthPlatformFixture platform, PrefixedPlatform prefixed) : IClassFixture<PrefixedPlatform>
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private string Issuer => $"{PrefixedPlatform.PublicUrl}/auth/{prefixed.Application.ClientId}";

    /// <summary>Without the prefix it is as it was, for those who reach the gateway past the proxy.</summary>
    [Theory]
    [InlineData("/id")]
    [InlineData("")]
    public async Task Token_OfARequestThatIsSignedAsItIsSent_IsIssuedAndVerified(string prefix)
    {
        var issued = await IssueAsync(prefix);
        var (status, verified) = await SendAsync($"{prefix}/auth/verify", () => SignedRequests.VerifyBody(issued.Text("access_token")));

        Assert.Equal(HttpStatusCode.OK, status);
        Assert.Equal(Issuer, verified.GetProperty("payload").Text("iss"));
    }

    [Theory]
    [InlineData("/auth/token", "/id/auth/token")]
    [InlineData("/id/auth/token", "/auth/token")]
    public async Task Signature_OverAnotherPathThanWasSent_IsRefused(string signedPath, string sentPath)
    {
        var (status, answer) = await AuthPlatformFixture.SendFreshAsync(
            prefixed.Gateway,
            () =>
            {
                var request = SignedRequests.V2(prefixed.Application, signedPath, SignedRequests.TokenBody(SignedRequests.NewUser()));
                request.RequestUri = new Uri(sentPath, UriKind.Relative);
                return request;
            },
            Cancellation);

        Assert.Equal((HttpStatusCode.Unauthorized, "invalid_signature"), (status, answer.Text("code")));
    }

    [Theory]
    [InlineData("/id/auth/{client_id}/.well-known/openid-configuration")]
    [InlineData("/.well-known/oauth-authorization-server/id/auth/{client_id}")]
    public async Task Metadata_InEitherForm_LeadsToTheKeysAndTheEndpoints(string form)
    {
        var issued = await IssueAsync("/id");
        var path = form.Replace("{client_id}", prefixed.Application.ClientId, StringComparison.Ordinal);
        var metadata = JsonElement.Parse(await prefixed.Gateway.GetStringAsync(new Uri(path, UriKind.Relative), Cancellation));
        Assert.Equal(Issuer, metadata.Text("issuer"));

        var keys = JsonElement.Parse(await prefixed.Gateway.GetStringAsync(new Uri(PathIn(metadata, "jwks_uri"), UriKind.Relative), Cancellation));
        Assert.Contains(keys.GetProperty("keys").EnumerateArray(), key => key.Text("kid") == issued.Text("kid"));
        var (_, introspected) = await AuthPlatformFixture.SendFreshAsync(
            prefixed.Gateway,
            () => OAuthRequests.Form(PathIn(metadata, "introspection_endpoint"), ("token", issued.Text("access_token"))).WithBasic(prefixed.Application),
            Cancellation);
        Assert.True(introspected.GetProperty("active").GetBoolean());
    }

    [Fact]
    public async Task Samples_ThatAreGivenAnAddressWithAPath_RunToTheirEnd()
    {
        var settings = ClientSamples.SettingsFor(prefixed.Application, new Uri(prefixed.Gateway.BaseAddress!, "/id"));

        // One after the other: they sign in as the same user.
        var quickstart = await ClientSamples.RunQuickstartAsync(settings, Cancellation);
        Assert.True(quickstart.ExitCode == 0, quickstart.Log);
        var signingClient = await ClientSamples.RunSigningClientAsync(settings, Cancellation);
        Assert.True(signingClient.ExitCode == 0, signingClient.Log);
    }

    /// <summary>As a client sends it to a proxy that it knows of (RFC 9112 §3.2.2); the signature is over the path in it.</summary>
    [Fact]
    public async Task Target_ThatIsAWholeUrl_HasThePrefixForTheServiceBehindToo()
    {
        using var handler = new HttpClientHandler { Proxy = new WebProxy(prefixed.Gateway.BaseAddress) };
        using var client = new HttpClient(handler) { BaseAddress = new Uri("http://example.com") };
        var (status, answer) = await AuthPlatformFixture.SendFreshAsync(
            client, () => SignedRequests.V2(prefixed.Application, "/id/auth/token", SignedRequests.TokenBody(SignedRequests.NewUser())), Cancellation);

        Assert.True(status == HttpStatusCode.OK, answer.ToString());
    }

    [Theory]
    [InlineData("/health", HttpStatusCode.OK)]
    [InlineData("/id/health", HttpStatusCode.NotFound)]
    [InlineData("/id/openapi.json", HttpStatusCode.NotFound)]
    [InlineData("/id/admin/sign-in", HttpStatusCode.NotFound)]
    [InlineData("/id/internal/keys/changes", HttpStatusCode.NotFound)]
    [InlineData("/id/.well-known/oauth-authorization-server/id/auth/integration-tests", HttpStatusCode.NotFound)]
    [InlineData("/identity/auth/integration-tests/jwks", HttpStatusCode.NotFound)]
    public async Task WhatIsNotBelowAuth_BehindThePrefix_IsNotThere(string path, HttpStatusCode expected)
    {
        using var answer = await prefixed.Gateway.GetAsync(new Uri(path, UriKind.Relative), Cancellation);

        Assert.Equal(expected, answer.StatusCode);
    }

    [Theory]
    [InlineData("/internal/keys/changes", HttpStatusCode.OK)]
    [InlineData("/id/internal/keys/changes", HttpStatusCode.NotFound)]
    public async Task InternalRoute_OfTheKeyManager_HasNoSecondAddress(string path, HttpStatusCode expected)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.Add("Authorization", $"Bearer {platform.InternalSecret}");
        using var answer = await prefixed.KeyManager.SendAsync(request, Cancellation);

        Assert.Equal(expected, answer.StatusCode);
    }

    private async Task<JsonElement> IssueAsync(string prefix)
    {
        var (status, issued) = await SendAsync($"{prefix}/auth/token", () => SignedRequests.TokenBody(SignedRequests.NewUser()));
        Assert.True(status == HttpStatusCode.OK, issued.ToString());
        return issued;
    }

    private Task<(HttpStatusCode Status, JsonElement Body)> SendAsync(string path, Func<string> body) =>
        AuthPlatformFixture.SendFreshAsync(prefixed.Gateway, () => SignedRequests.V2(prefixed.Application, path, body()), Cancellation);

    /// <summary>The path of an address, which the proxy that has the public name passes on as it is.</summary>
    private static string PathIn(JsonElement metadata, string name)
    {
        var address = metadata.Text(name);
        Assert.StartsWith($"{PrefixedPlatform.PublicUrl}/auth/", address, StringComparison.Ordinal);
        return new Uri(address).AbsolutePath;
    }
}
