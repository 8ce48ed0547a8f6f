using AuthPlatform.Gateway;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;

namespace AuthPlatform.UnitTests.Gateway;

public sealed class PublicReadsTests
{
    /// <summary>Also when the answer is another one than was begun with.</summary>
    [Theory]
    [InlineData("GET", "/auth/shop/jwks", true)]
    [InlineData("HEAD", "/auth/shop/jwks", true)]
    [InlineData("GET", "/auth/shop/.well-known/openid-configuration", true)]
    [InlineData("GET", "/.well-known/oauth-authorization-server/auth/shop", true)]
    [InlineData("GET", "/auth/shop/revocations", false)]
    [InlineData("GET", "/auth/shop/Revocations/", false)]
    [InlineData("POST", "/auth/token", false)]
    [InlineData("GET", "/admin/account", false)]
    public async Task Failure_InPlaceOfWhatAnybodyMayRead_CanBeReadByScriptsOfAnySite(string method, string path, bool isReadable)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseUrls("http://127.0.0.1:0");
        await using var app = builder.Build();
        app.UsePublicReads();
        app.Run(context =>
        {
            context.Response.Clear();
            context.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
            return Task.CompletedTask;
        });
        await app.StartAsync(TestContext.Current.CancellationToken);
        using var client = new HttpClient { BaseAddress = new Uri(app.Urls.Single()) };

        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        using var response = await client.SendAsync(request, TestContext.Current.CancellationToken);

        Assert.Equal(isReadable ? "*" : null, response.Headers.TryGetValues("Access-Control-Allow-Origin", out var origins) ? Assert.Single(origins) : null);
    }
}
