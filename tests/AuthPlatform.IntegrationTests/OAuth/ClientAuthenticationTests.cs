using System.Net;
using System.Net.Http.Headers;
using AuthPlatform.Contracts.Signing;
using AuthPlatform.IntegrationTests.Infrastructure;
using Duende.IdentityModel.Client;

namespace AuthPlatform.IntegrationTests.OAuth;

/// <summary>Who may call the OAuth endpoints, and in which form; each refusal is a plain RFC 6749 body.</summary>
public sealed class ClientAuthenticationTests(AuthPlatformFixture platform)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private string Endpoint => $"/auth/{platform.Bootstrap.ClientId}/oauth2/introspect";

    [Fact]
    public async Task Library_ThatKnowsTheIssuerOnly_DoesAllGrantsAndChecks()
    {
        var issued = await platform.IssueAsync(platform.Bootstrap, SignedRequests.NewUser(), Cancellation);
        var metadata = await platform.Gateway.GetDiscoveryDocumentAsync(
            new DiscoveryDocumentRequest { Address = new Uri(platform.Gateway.BaseAddress!, $"/auth/{platform.Bootstrap.ClientId}").ToString() }, Cancellation);
        T With<T>(T request, string? address)
            where T : ProtocolRequest
        {
            (request.Address, request.ClientId, request.ClientSecret, request.ClientCredentialStyle) =
                (address, platform.Bootstrap.ClientId, platform.Bootstrap.Secret, ClientCredentialStyle.AuthorizationHeader);
            return request;
        }

        var granted = await platform.Gateway.RequestClientCredentialsTokenAsync(With(new ClientCredentialsTokenRequest { Scope = "jobs" }, metadata.TokenEndpoint), Cancellation);
        var refreshed = await platform.Gateway.RequestRefreshTokenAsync(With(new RefreshTokenRequest { RefreshToken = issued.Text("refresh_token") }, metadata.TokenEndpoint), Cancellation);
        var introspected = await platform.Gateway.IntrospectTokenAsync(With(new TokenIntrospectionRequest { Token = refreshed.AccessToken! }, metadata.IntrospectionEndpoint), Cancellation);
        var revoked = await platform.Gateway.RevokeTokenAsync(With(new TokenRevocationRequest { Token = refreshed.RefreshToken! }, metadata.RevocationEndpoint), Cancellation);
        var after = await platform.Gateway.IntrospectTokenAsync(With(new TokenIntrospectionRequest { Token = refreshed.AccessToken! }, metadata.IntrospectionEndpoint), Cancellation);

        Assert.Equal((null, null, null, null, null), (granted.Error, refreshed.Error, introspected.Error, revoked.Error, after.Error));
        Assert.Equal(("jobs", "bearer"), (granted.Scope, granted.TokenType));
        Assert.Equal((true, false), (introspected.IsActive, after.IsActive));
    }

    [Fact]
    public async Task SignedForm_OfVersion2_IsTakenOnce()
    {
        HttpRequestMessage? last = null;
        using var response = await platform.Gateway.SendFreshAsync(async () => last = await OAuthRequests.Form(Endpoint, ("token", "x")).SignedByAsync(platform.Bootstrap), Cancellation);
        Assert.Equal((HttpStatusCode.OK, """{"active":false}"""), (response.StatusCode, await response.Content.ReadAsStringAsync(Cancellation)));
        await AssertRefusedAsync(
            () =>
            {
                var again = OAuthRequests.Form(Endpoint, ("token", "x"));
                foreach (var header in last!.Headers)
                {
                    again.Headers.Add(header.Key, header.Value);
                }

                return again;
            },
            HttpStatusCode.Unauthorized,
            "invalid_client",
            "AUTH-HMAC-SHA256");
    }

    [Fact]
    public async Task SignedForm_ChangedOldOrOfVersion1_IsRefused()
    {
        await AssertRefusedAsync(Signed("token=x", changed => changed.Content = OAuthRequests.Form(Endpoint, ("token", "y")).Content), HttpStatusCode.Unauthorized, "invalid_client", "AUTH-HMAC-SHA256");
        await AssertRefusedAsync(
            Signed("token=x", elsewhere => elsewhere.RequestUri = new Uri(Endpoint.Replace("introspect", "revoke", StringComparison.Ordinal), UriKind.Relative)),
            HttpStatusCode.Unauthorized,
            "invalid_client",
            "AUTH-HMAC-SHA256");
        await AssertRefusedAsync(
            Signed("""{"token":"x"}""", json => json.Content!.Headers.ContentType = new MediaTypeHeaderValue("application/json")), HttpStatusCode.UnsupportedMediaType, "invalid_request");
        await AssertRefusedAsync(
            () =>
            {
                var v1 = OAuthRequests.Form(Endpoint, ("token", "x"));
                v1.Headers.Add(SigningHeaders.ClientId, platform.Bootstrap.ClientId);
                v1.Headers.Add(SigningHeaders.Signature, RequestSignatureV1.Sign(platform.Bootstrap.Secret, "token=x"u8));
                return v1;
            },
            HttpStatusCode.Unauthorized,
            "invalid_client",
            "AUTH-HMAC-SHA256");

        Func<Task<HttpRequestMessage>> Signed(string body, Action<HttpRequestMessage> change) => async () =>
        {
            var request = await OAuthRequests.RawForm(Endpoint, body).SignedByAsync(platform.Bootstrap);
            change(request);
            return request;
        };
    }

    [Fact]
    public async Task Basic_OfAnUnknownDisabledOrWronglyKeyedClient_GivesOneAnswer()
    {
        var disabled = await platform.CreateApplicationAsync(a => a.Enabled = false, Cancellation);
        var answers = new List<string>();
        foreach (var client in new[] { new TestApplication("nobody", "x"), disabled, platform.Bootstrap with { Secret = "wrong" }, platform.Bootstrap with { Secret = string.Empty }, new TestApplication("x'; --", "x") })
        {
            using var response = await platform.Gateway.SendFreshAsync(() => OAuthRequests.Form(Endpoint, ("token", "x")).WithBasic(client), Cancellation);
            answers.Add($"{response.StatusCode} {response.Headers.WwwAuthenticate} {await response.Content.ReadAsStringAsync(Cancellation)}");
        }

        Assert.Equal(
            """Unauthorized Basic realm="AuthPlatform", charset="UTF-8" {"error":"invalid_client","error_description":"Unknown client, wrong secret, or not a client of this issuer"}""",
            Assert.Single(answers.Distinct()));
    }

    [Fact]
    public async Task Basic_WithEitherOfTwoSecretsOrOddCharacters_IsTaken()
    {
        var odd = new TestApplication("odd-" + SignedRequests.Nonce(), "p%3Aq+r s:t/ü-" + SignedRequests.Nonce());
        var application = await platform.CreateApplicationAsync(_ => { }, Cancellation);
        await platform.AddSecretAsync(application, odd.Secret, Cancellation);
        foreach (var secret in new[] { application.Secret, odd.Secret })
        {
            var client = application with { Secret = secret };
            Assert.Equal(HttpStatusCode.OK, (await platform.CallAsync(client, client, "introspect", Cancellation, ("token", "x"))).Status);
        }
    }

    [Fact]
    public async Task Basic_FromOutsideTheAllowList_IsDenied()
    {
        var application = await platform.CreateApplicationAsync(a => a.AllowedIps = ["198.51.100.0/24"], Cancellation);
        await AssertRefusedAsync(() => By(application), HttpStatusCode.Forbidden, "unauthorized_client");
        // Who does not know the secret does not learn that there is a list.
        await AssertRefusedAsync(() => By(application with { Secret = "wrong" }), HttpStatusCode.Unauthorized, "invalid_client", "Basic");

        static HttpRequestMessage By(TestApplication client)
        {
            var request = OAuthRequests.Form($"/auth/{client.ClientId}/oauth2/introspect", ("token", "x")).WithBasic(client);
            request.Headers.Add("X-Forwarded-For", "198.51.100.7");
            return request;
        }
    }

    [Theory]
    [InlineData("Basic")]
    [InlineData("Basic ")]
    [InlineData("Basic !!!!")]
    [InlineData("Basic bm9jb2xvbg==")]
    [InlineData("Basic c2hvcDolMDA=")]
    [InlineData("Basic /////w==")]
    [InlineData("Bearer eyJhbGciOiJub25lIn0.e30.")]
    [InlineData("Digest username=\"a\"")]
    public Task Authorization_OfAnotherForm_IsRefused(string header) => AssertRefusedAsync(
        () =>
        {
            var request = OAuthRequests.Form(Endpoint, ("token", "x"));
            request.Headers.TryAddWithoutValidation("Authorization", header);
            return request;
        },
        HttpStatusCode.Unauthorized,
        "invalid_client",
        "Basic");

    [Fact]
    public async Task Credentials_MissingOrTwice_AreRefused()
    {
        await AssertRefusedAsync(() => OAuthRequests.Form(Endpoint, ("token", "x")), HttpStatusCode.Unauthorized, "invalid_client", "Basic");
        await AssertRefusedAsync(
            () => OAuthRequests.Form(Endpoint, ("token", "x"), ("client_id", platform.Bootstrap.ClientId), ("client_secret", platform.Bootstrap.Secret)), HttpStatusCode.Unauthorized, "invalid_client", "Basic");
        await AssertRefusedAsync(
            () => OAuthRequests.Form(Endpoint, ("token", "x"), ("client_secret", platform.Bootstrap.Secret)).WithBasic(platform.Bootstrap), HttpStatusCode.BadRequest, "invalid_request");
        await AssertRefusedAsync(
            async () => (await OAuthRequests.Form(Endpoint, ("token", "x")).SignedByAsync(platform.Bootstrap)).WithBasic(platform.Bootstrap), HttpStatusCode.BadRequest, "invalid_request");
        await AssertRefusedAsync(() => OAuthRequests.Form(Endpoint, ("token", "x"), ("client_id", "other")).WithBasic(platform.Bootstrap), HttpStatusCode.BadRequest, "invalid_request");
    }

    [Theory]
    [InlineData("token=a&token=b")]
    [InlineData("token=%00")]
    [InlineData("token=%FF")]
    [InlineData("token=%")]
    [InlineData("token=\0")]
    [InlineData("token=")]
    [InlineData("")]
    [InlineData("{\"token\":\"x\"}")]
    public async Task Form_MalformedOrWithoutToken_IsAnInvalidRequest(string body)
    {
        await AssertRefusedAsync(() => OAuthRequests.RawForm(Endpoint, body).WithBasic(platform.Bootstrap), HttpStatusCode.BadRequest, "invalid_request");
        await AssertRefusedAsync(() => OAuthRequests.RawForm(Endpoint, body).SignedByAsync(platform.Bootstrap), HttpStatusCode.BadRequest, "invalid_request");
    }

    [Theory]
    [InlineData("", "invalid_request")]
    [InlineData("grant_type=password&username=a&password=b", "unsupported_grant_type")]
    [InlineData("grant_type=authorization_code&code=a", "unsupported_grant_type")]
    [InlineData("grant_type=CLIENT_CREDENTIALS", "unsupported_grant_type")]
    [InlineData("grant_type=client_credentials&grant_type=refresh_token", "invalid_request")]
    [InlineData("grant_type=client_credentials&scope=a%20%20b", "invalid_scope")]
    [InlineData("grant_type=client_credentials&scope=%22", "invalid_scope")]
    [InlineData("grant_type=refresh_token", "invalid_request")]
    public async Task TokenRequest_Wrong_SaysHow(string body, string error) =>
        await AssertRefusedAsync(() => OAuthRequests.RawForm($"/auth/{platform.Bootstrap.ClientId}/oauth2/token", body).WithBasic(platform.Bootstrap), HttpStatusCode.BadRequest, error);

    [Fact]
    public async Task Form_TooLargeOrOfAnotherType_IsRefused()
    {
        await AssertRefusedAsync(() => OAuthRequests.Form(Endpoint, ("token", new string('a', 65 * 1024))).WithBasic(platform.Bootstrap), HttpStatusCode.RequestEntityTooLarge, "invalid_request");
        await AssertUnsupportedAsync(headers => headers.ContentEncoding.Add("gzip"));
        foreach (var type in new[] { "application/json", "multipart/form-data; boundary=x", "text/plain", "application/x-www-form-urlencoded; charset=utf-16" })
        {
            await AssertUnsupportedAsync(headers => headers.ContentType = MediaTypeHeaderValue.Parse(type));
        }

        Task AssertUnsupportedAsync(Action<HttpContentHeaders> change) => AssertRefusedAsync(
            () =>
            {
                var request = OAuthRequests.Form(Endpoint, ("token", "x")).WithBasic(platform.Bootstrap);
                change(request.Content!.Headers);
                return request;
            },
            HttpStatusCode.UnsupportedMediaType,
            "invalid_request");
    }

    [Fact]
    public async Task Token_InTheQuery_IsNotRead()
    {
        var token = (await platform.IssueAsync(platform.Bootstrap, SignedRequests.NewUser(), Cancellation)).Text("access_token");
        await AssertRefusedAsync(() => OAuthRequests.RawForm($"{Endpoint}?token={token}", string.Empty).WithBasic(platform.Bootstrap), HttpStatusCode.BadRequest, "invalid_request");
    }

    private Task AssertRefusedAsync(Func<HttpRequestMessage> make, HttpStatusCode status, string error, string? challenge = null) =>
        AssertRefusedAsync(() => Task.FromResult(make()), status, error, challenge);

    private async Task AssertRefusedAsync(Func<Task<HttpRequestMessage>> make, HttpStatusCode status, string error, string? challenge = null)
    {
        using var response = await platform.Gateway.SendFreshAsync(make, Cancellation);
        var body = await response.ReadJsonAsync(Cancellation);
        Assert.Equal((status, error), (response.StatusCode, body.Text("error")));
        Assert.Equal(["error", "error_description"], body.EnumerateObject().Select(m => m.Name));
        Assert.Equal("application/json", response.Content.Headers.ContentType?.MediaType);
        Assert.True(response.Headers.CacheControl?.NoStore);
        Assert.Equal(challenge, response.Headers.WwwAuthenticate.FirstOrDefault()?.Scheme);
        Assert.All(body.Text("error_description"), c => Assert.True(c is (>= ' ' and <= '~') and not ('"' or '\\')));
    }
}
