using System.Net;
using AuthPlatform.ServiceDefaults;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Logging;

namespace AuthPlatform.UnitTests.ServiceDefaults;

/// <summary>How a service may be asked how it is.</summary>
public sealed class HealthMethodsTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("/health")]
    [InlineData("/health/live")]
    [InlineData("/health/serving")]
    [InlineData("/health/ready")]
    public async Task Health_AskedByAnyOtherMethodThanGetAndHead_IsRefusedAsElsewhere(string path)
    {
        await using var service = await StartAsync();
        using var http = new HttpClient { BaseAddress = new Uri(service.Urls.Single()) };
        foreach (var method in (HttpMethod[])[HttpMethod.Get, HttpMethod.Head])
        {
            using var answer = await http.SendAsync(new HttpRequestMessage(method, path), Cancellation);
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        }

        foreach (var method in (HttpMethod[])[HttpMethod.Post, HttpMethod.Put, HttpMethod.Delete, HttpMethod.Options, new HttpMethod("REPORT")])
        {
            using var answer = await http.SendAsync(new HttpRequestMessage(method, path), Cancellation);
            Assert.Equal(HttpStatusCode.MethodNotAllowed, answer.StatusCode);
            Assert.Equal("GET HEAD", string.Join(' ', answer.Content.Headers.Allow.Order(StringComparer.Ordinal)));
            Assert.Equal("application/problem+json", answer.Content.Headers.ContentType?.MediaType);
            Assert.Contains("method_not_allowed", await answer.Content.ReadAsStringAsync(Cancellation), StringComparison.Ordinal);
        }
    }

    private static async Task<WebApplication> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.AddServiceDefaults();
        builder.Logging.ClearProviders();
        var app = builder.Build();
        app.UseServiceDefaults();
        await app.StartAsync(Cancellation);
        return app;
    }
}
