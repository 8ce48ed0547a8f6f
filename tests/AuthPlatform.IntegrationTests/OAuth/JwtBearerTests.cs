using System.Net;
using AuthPlatform.IntegrationTests.Infrastructure;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace AuthPlatform.IntegrationTests.OAuth;

/// <summary>A resource server that knows the issuer's URL and its own name, and nothing else.</summary>
public sealed class JwtBearerTests(AuthPlatformFixture platform)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task JwtBearer_KnowingTheAuthorityOnly_TakesTokensOfThisIssuerAndNoOthers()
    {
        await using var resourceServer = await StartResourceServerAsync();
        using var client = new HttpClient { BaseAddress = new Uri(resourceServer.Urls.Single()) };
        var user = SignedRequests.NewUser();
        var token = (await platform.IssueAsync(platform.Bootstrap, user, Cancellation)).Text("access_token");
        var other = await platform.CreateApplicationAsync(_ => { }, Cancellation);
        var foreign = (await platform.IssueAsync(other, user, Cancellation)).Text("access_token");

        Assert.Equal((HttpStatusCode.OK, user), await CallAsync(client, token));
        var segments = token.Split('.');
        foreach (var refused in new[]
        {
            $"{segments[0]}.{segments[1]}.{new string('A', segments[2].Length)}",
            $"{segments[0]}.{segments[1][..^4]}AAAA.{segments[2]}",
            foreign,
        })
        {
            Assert.Equal(HttpStatusCode.Unauthorized, (await CallAsync(client, refused)).Status);
        }
    }

    private async Task<WebApplication> StartResourceServerAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Services.AddAuthentication().AddJwtBearer(bearer =>
        {
            bearer.Authority = new Uri(platform.Gateway.BaseAddress!, $"/auth/{platform.Bootstrap.ClientId}").ToString();
            bearer.Audience = platform.Bootstrap.ClientId;
            bearer.MapInboundClaims = false;
            // The platform under test has no certificate.
            bearer.RequireHttpsMetadata = false;
        });
        builder.Services.AddAuthorization();
        var app = builder.Build();
        app.UseAuthentication();
        app.UseAuthorization();
        app.MapGet("/", (HttpContext context) => context.User.FindFirst("sub")?.Value).RequireAuthorization();
        await app.StartAsync(Cancellation);
        return app;
    }

    private static async Task<(HttpStatusCode Status, string Body)> CallAsync(HttpClient client, string token)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/");
        request.Headers.Authorization = new("Bearer", token);
        using var response = await client.SendAsync(request, Cancellation);
        return (response.StatusCode, await response.Content.ReadAsStringAsync(Cancellation));
    }
}
