using AuthPlatform.AdminWeb;
using AuthPlatform.AdminWeb.Security;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;

namespace AuthPlatform.UnitTests.AdminWeb;

public sealed class SecurityHeadersTests
{
    /// <summary>Browsers would ask for everything at that name by https for a year, whichever program of this machine it is for.</summary>
    [Theory]
    [InlineData("https://auth.example.com", true)]
    [InlineData("https://localhost:8443", false)]
    [InlineData("https://127.0.0.1:8443", false)]
    [InlineData("http://auth.example.com", false)]
    public async Task Address_WithHttps_IsToBeUsedWithItFromNowOnUnlessItIsThisMachine(string publicUrl, bool isStrict)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseUrls("http://127.0.0.1:0");
        builder.Services.Configure<AdminOptions>(options => options.PublicUrl = publicUrl);
        await using var app = builder.Build();
        app.UseMiddleware<PublicAddress>();
        app.UseMiddleware<SecurityHeaders>();
        app.Run(_ => Task.CompletedTask);
        await app.StartAsync(TestContext.Current.CancellationToken);
        using var client = new HttpClient();

        using var response = await client.GetAsync(new Uri(app.Urls.Single()), TestContext.Current.CancellationToken);

        Assert.Equal(isStrict, response.Headers.Contains("Strict-Transport-Security"));
        Assert.True(response.Headers.Contains("X-Frame-Options"));
    }
}
