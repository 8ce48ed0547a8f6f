using System.Net;
using System.Text.Json;
using AuthPlatform.Contracts;
using AuthPlatform.ServiceDefaults;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace AuthPlatform.UnitTests.ServiceDefaults;

public sealed class ProblemMiddlewareTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Endpoint_WithADefect_AnswersAProblemThatTellsNothingOfIt()
    {
        await using var app = await StartAsync();
        using var http = new HttpClient { BaseAddress = new Uri(app.Urls.Single()) };

        using var response = await http.GetAsync(new Uri("/", UriKind.Relative), Cancellation);

        var text = await response.Content.ReadAsStringAsync(Cancellation);
        Assert.Equal(HttpStatusCode.InternalServerError, response.StatusCode);
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType?.MediaType);
        Assert.Equal("no-store", response.Headers.CacheControl?.ToString());
        Assert.Equal(ErrorCodes.ServerError, JsonElement.Parse(text).GetProperty("code").GetString());
        Assert.DoesNotContain("hidden", text, StringComparison.Ordinal);
        Assert.DoesNotContain("Exception", text, StringComparison.Ordinal);
    }

    /// <summary>It is not the endpoint's, but the connection's: this answer is its last one, and the next is to be made by https.</summary>
    [Fact]
    public async Task Problem_InPlaceOfAnAnswer_SaysAboutTheConnectionWhatThatWould()
    {
        await using var app = await StartAsync();
        using var http = new HttpClient { BaseAddress = new Uri(app.Urls.Single()) };
        await app.Services.GetRequiredService<Drain>().StoppingAsync(Cancellation);

        using var response = await http.GetAsync(new Uri("/", UriKind.Relative), Cancellation);

        Assert.Equal(HttpStatusCode.InternalServerError, response.StatusCode);
        Assert.True(response.Headers.ConnectionClose);
        Assert.Equal("max-age=31536000", Assert.Single(response.Headers.GetValues("Strict-Transport-Security")));
    }

    /// <summary>A service with a defect, as the gateway is built, behind a proxy that ends TLS.</summary>
    private static async Task<WebApplication> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.AddServiceDefaults();
        builder.Logging.ClearProviders();
        var app = builder.Build();
        app.Use((context, next) =>
        {
            (context.Request.Scheme, context.Request.Host) = ("https", new HostString("auth.example"));
            return next(context);
        });
        app.UseStrictTransport();
        app.UseServiceDefaults();
        app.MapGet("/", context =>
        {
            context.Response.Headers.CacheControl = "public, max-age=60";
            throw new InvalidOperationException("hidden");
        });
        await app.StartAsync(Cancellation);
        return app;
    }
}
