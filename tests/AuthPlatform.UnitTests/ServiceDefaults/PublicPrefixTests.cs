using System.Net;
using AuthPlatform.ServiceDefaults;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace AuthPlatform.UnitTests.ServiceDefaults;

/// <summary>Which routes are found below the path of the public address, and which are not.</summary>
public sealed class PublicPrefixTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("https://example.com/id", "/id/auth/shop/jwks", "/id")]
    [InlineData("https://example.com/id/eu/", "/id/eu/auth/shop/jwks", "/id/eu")]
    [InlineData("https://example.com/a%20b", "/a%20b/auth/shop/jwks", "/a%20b")]
    [InlineData("https://example.com/auth", "/auth/auth/shop/jwks", "/auth")]
    [InlineData("https://example.com/auth", "/auth/shop/jwks", "")]
    [InlineData("https://example.com/internal", "/internal/auth/shop/jwks", "/internal")]
    [InlineData("https://example.com/id", "/auth/shop/jwks", "")]
    [InlineData("https://example.com/", "/auth/shop/jwks", "")]
    [InlineData("", "/auth/shop/jwks", "")]
    [InlineData(null, "/auth/shop/jwks", "")]
    public async Task Route_ForClients_IsFoundWithAndWithoutThePrefix(string? publicUrl, string path, string prefix)
    {
        await using var service = await StartAsync(publicUrl);
        using var http = new HttpClient { BaseAddress = new Uri(service.Urls.Single()) };

        Assert.Equal($"{prefix} shop {path}", await http.GetStringAsync(new Uri(path, UriKind.Relative), Cancellation));
    }

    [Theory]
    [InlineData("/health", HttpStatusCode.OK)]
    [InlineData("/internal/sign", HttpStatusCode.OK)]
    [InlineData("/id/health", HttpStatusCode.NotFound)]
    [InlineData("/id/internal/sign", HttpStatusCode.NotFound)]
    [InlineData("/id", HttpStatusCode.NotFound)]
    [InlineData("/id/", HttpStatusCode.NotFound)]
    [InlineData("/identity/auth/shop/jwks", HttpStatusCode.NotFound)]
    [InlineData("/id/id/auth/shop/jwks", HttpStatusCode.NotFound)]
    [InlineData("/auth/id/auth/shop/jwks", HttpStatusCode.NotFound)]
    public async Task Route_ForOthers_HasNoSecondAddress(string path, HttpStatusCode expected)
    {
        await using var service = await StartAsync("https://example.com/id");
        using var http = new HttpClient { BaseAddress = new Uri(service.Urls.Single()) };
        using var answer = await http.GetAsync(new Uri(path, UriKind.Relative), Cancellation);

        Assert.Equal(expected, answer.StatusCode);
    }

    [Theory]
    [InlineData("example.com/id")]
    [InlineData("/id")]
    [InlineData("ftp://example.com/id")]
    [InlineData("https://example.com/id?x=1")]
    [InlineData("https://example.com/id#x")]
    [InlineData("https://user@example.com/id")]
    public async Task PublicUrl_ThatIsNone_IsRefusedWhenTheServiceStarts(string publicUrl)
    {
        await using var app = Build(publicUrl);

        var refused = Assert.Throws<OptionsValidationException>(app.Services.GetRequiredService<IStartupValidator>().Validate);
        Assert.Contains($"it is '{publicUrl}'", Assert.Single(refused.Failures), StringComparison.Ordinal);
    }

    private static async Task<WebApplication> StartAsync(string? publicUrl)
    {
        var app = Build(publicUrl);
        await app.StartAsync(Cancellation);
        return app;
    }

    private static WebApplication Build(string? publicUrl)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Configuration[PublicPrefix.Setting] = publicUrl;
        builder.AddServiceDefaults();
        builder.AddPublicPrefix();
        builder.Logging.ClearProviders();
        var app = builder.Build();
        app.UsePublicPrefix();
        app.UseServiceDefaults();
        app.MapGet("/auth/{clientId}/jwks", context => context.Response.WriteAsync($"{context.Request.PathBase} {context.Request.RouteValues["clientId"]} {Target(context)}"));
        app.MapGet("/internal/sign", context => context.Response.WriteAsync("signed"));
        return app;
    }

    /// <summary>What is signed.</summary>
    private static string Target(HttpContext context) => context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget;
}
