using System.Net;
using System.Text.Json;
using AuthPlatform.IntegrationTests.Infrastructure;
using Duende.IdentityModel.Client;

namespace AuthPlatform.IntegrationTests.OAuth;

/// <summary>What an issuer says about itself.</summary>
public sealed class MetadataTests(AuthPlatformFixture platform)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private string OpenIdPath => $"/auth/{platform.Bootstrap.ClientId}/.well-known/openid-configuration";

    private string OAuthPath => $"/.well-known/oauth-authorization-server/auth/{platform.Bootstrap.ClientId}";

    [Fact]
    public async Task Metadata_InBothForms_NamesTheIssuerOfTheTokensWhateverTheHostHeaderSays()
    {
        var issued = await platform.IssueAsync(platform.Bootstrap, SignedRequests.NewUser(), Cancellation);
        var (_, verified) = await platform.VerifyAsync(platform.Bootstrap, issued.Text("access_token"), Cancellation);
        var issuer = verified.GetProperty("payload").Text("iss");

        foreach (var path in new[] { OpenIdPath, OAuthPath })
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, path);
            request.Headers.Host = "evil.example";
            request.Headers.Add("X-Forwarded-Host", "evil.example");
            request.Headers.Add("X-Forwarded-Proto", "gopher");
            using var response = await platform.Gateway.SendAsync(request, Cancellation);
            var metadata = await response.ReadJsonAsync(Cancellation);

            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
            Assert.Equal("application/json", response.Content.Headers.ContentType?.MediaType);
            Assert.Equal(issuer, metadata.Text("issuer"));
            Assert.All(
                metadata.EnumerateObject().Where(m => m.Value.ValueKind == JsonValueKind.String),
                m => Assert.StartsWith(issuer, m.Value.GetString(), StringComparison.Ordinal));
            Assert.Equal("[]", metadata.Text("response_types_supported"));
            Assert.False(metadata.TryGetProperty("authorization_endpoint", out _));
        }
    }

    [Fact]
    public async Task Metadata_Read_MayBeCachedAndReadFromAnywhere()
    {
        using var response = await platform.Gateway.GetAsync(OpenIdPath, Cancellation);
        Assert.Equal("public, max-age=300", response.Headers.CacheControl?.ToString());
        Assert.Equal("*", Assert.Single(response.Headers.GetValues("Access-Control-Allow-Origin")));

        using var again = new HttpRequestMessage(HttpMethod.Get, OpenIdPath);
        again.Headers.IfNoneMatch.Add(response.Headers.ETag!);
        using var notModified = await platform.Gateway.SendAsync(again, Cancellation);
        Assert.Equal(HttpStatusCode.NotModified, notModified.StatusCode);

        using var head = await platform.Gateway.SendAsync(new HttpRequestMessage(HttpMethod.Head, OAuthPath), Cancellation);
        Assert.Equal(HttpStatusCode.OK, head.StatusCode);
    }

    [Fact]
    public async Task Metadata_OfAnUnknownOrDisabledApplication_IsNotFound()
    {
        var disabled = await platform.CreateApplicationAsync(a => a.Enabled = false, Cancellation);
        foreach (var path in new[]
        {
            "/auth/nobody/.well-known/openid-configuration",
            $"/auth/{disabled.ClientId}/.well-known/openid-configuration",
            $"/.well-known/oauth-authorization-server/auth/{disabled.ClientId}",
            "/.well-known/oauth-authorization-server/auth/nobody",
            "/.well-known/oauth-authorization-server/auth/",
            "/.well-known/oauth-authorization-server",
            "/.well-known/oauth-authorization-server/",
            OAuthPath + "/",
            OAuthPath + "/../x",
            "/.well-known/oauth-authorization-server/prefix" + OAuthPath["/.well-known/oauth-authorization-server".Length..],
            "/auth/a'%3B%20DROP%20TABLE%20applications%3B--/.well-known/openid-configuration",
            $"/auth/{new string('a', 4000)}/.well-known/openid-configuration",
            "/.well-known/openid-configuration",
        })
        {
            using var response = await platform.Gateway.GetAsync(path, Cancellation);
            Assert.True(HttpStatusCode.NotFound == response.StatusCode, $"{path} answered {response.StatusCode}");
            Assert.Equal("application/problem+json", response.Content.Headers.ContentType?.MediaType);
        }
    }

    [Fact]
    public async Task Metadata_ReadByAStrictClientLibrary_IsTaken()
    {
        // Its default policy checks the issuer, that every endpoint lies under it, and reads the keys.
        var document = await platform.Gateway.GetDiscoveryDocumentAsync(
            new DiscoveryDocumentRequest { Address = new Uri(platform.Gateway.BaseAddress!, $"/auth/{platform.Bootstrap.ClientId}").ToString() },
            Cancellation);

        Assert.False(document.IsError, document.Error);
        Assert.NotEmpty(document.KeySet!.Keys);
    }
}
