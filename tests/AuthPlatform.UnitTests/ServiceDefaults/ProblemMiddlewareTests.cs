using System.Net;
using System.Text.Json;
using AuthPlatform.Contracts;
using AuthPlatform.ServiceDefaults;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Logging;

namespace AuthPlatform.UnitTests.ServiceDefaults;

public sealed class ProblemMiddlewareTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Endpoint_WithADefect_AnswersAProblemThatTellsNothingOfIt()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.AddServiceDefaults();
        builder.Logging.ClearProviders();
        await using var app = builder.Build();
        app.UseServiceDefaults();
        app.MapGet("/", context =>
        {
            context.Response.Headers.CacheControl = "public, max-age=60";
            throw new InvalidOperationException("hidden");
        });
        await app.StartAsync(Cancellation);
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
}
