using System.Text;
using AuthPlatform.Contracts;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace AuthPlatform.UnitTests.KeyManager;

/// <summary>The client against a server that answers whatever a test wants.</summary>
public sealed class KeyManagerClientTests
{
    private const string Secret = "internal-0123456789abcdef0123456789";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task SignAsync_Answered_SendsRawBytesWithTheSecretAndReturnsTheToken()
    {
        var seen = "";
        await using var server = await LocalServer.StartAsync(async context =>
        {
            using var reader = new StreamReader(context.Request.Body);
            seen = $"{context.Request.Method} {context.Request.Path}{context.Request.QueryString} {context.Request.Protocol} {context.Request.Headers.Authorization} {await reader.ReadToEndAsync(Cancellation)}";
            await context.Response.WriteAsync("200 kid a.b.c\n", Cancellation);
        });
        var signed = await SignAsync(server.Urls.Single());
        Assert.Equal(new SignedToken("a.b.c", "kid"), signed);
        Assert.Equal($$"""POST /internal/sign HTTP/1.1 Bearer {{Secret}} app at+jwt 11{{'\n'}}{"sub":"x"}""", seen);
    }

    [Theory]
    [InlineData(StatusCodes.Status404NotFound)]
    [InlineData(StatusCodes.Status401Unauthorized)]
    [InlineData(StatusCodes.Status503ServiceUnavailable)]
    public async Task SignAsync_Refused_IsNull(int status)
    {
        await using var server = await LocalServer.StartAsync(context =>
        {
            context.Response.StatusCode = status;
            return Task.CompletedTask;
        });
        Assert.Null(await SignAsync(server.Urls.Single()));
    }

    [Theory]
    [InlineData("404\n")]
    [InlineData("200\n")]
    [InlineData("200 kid a.b.c")]
    [InlineData("200 kid a.b.c\n200 kid d.e.f\n")]
    [InlineData("nonsense\n")]
    [InlineData("")]
    public async Task SignAsync_AnswerWithoutTheToken_IsNull(string answer)
    {
        await using var server = await LocalServer.StartAsync(context => context.Response.WriteAsync(answer, Cancellation));
        Assert.Null(await SignAsync(server.Urls.Single()));
    }

    [Fact]
    public async Task SignAsync_Redirected_DoesNotFollow()
    {
        var calls = 0;
        await using var server = await LocalServer.StartAsync(context =>
        {
            calls++;
            context.Response.Redirect("/elsewhere", permanent: false, preserveMethod: true);
            return Task.CompletedTask;
        });
        Assert.Null(await SignAsync(server.Urls.Single()));
        Assert.Equal(1, calls);
    }

    [Fact]
    public async Task SignAsync_ConnectionBroken_IsNull()
    {
        await using var server = await LocalServer.StartAsync(context =>
        {
            context.Abort();
            return Task.CompletedTask;
        });
        Assert.Null(await SignAsync(server.Urls.Single()));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task SignAsync_BrokenOffOrUnavailableOnce_AsksAgain(bool breaksOff)
    {
        var calls = 0;
        await using var server = await LocalServer.StartAsync(context =>
        {
            if (calls++ > 0)
            {
                return context.Response.WriteAsync("200 kid a.b.c\n", Cancellation);
            }

            context.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
            if (breaksOff)
            {
                context.Abort();
            }

            return Task.CompletedTask;
        });
        Assert.Equal(new SignedToken("a.b.c", "kid"), await SignAsync(server.Urls.Single()));
    }

    [Fact]
    public void SignedToken_AsText_HoldsNoToken() => Assert.DoesNotContain("a.b.c", new SignedToken("a.b.c", "kid").ToString(), StringComparison.Ordinal);

    private static async Task<SignedToken?> SignAsync(string address)
    {
        var services = new ServiceCollection();
        services.AddSingleton<IConfiguration>(new ConfigurationBuilder().AddInMemoryCollection(
        [
            new("services:key-manager:http:0", address),
            new("InternalCalls:Secrets:0", Secret),
        ]).Build());
        services.AddServiceDiscovery();
        services.ConfigureHttpClientDefaults(http => http.AddServiceDiscovery());
        services.AddKeyManagerClient();
        await using var provider = services.BuildServiceProvider();
        var signed = await provider.GetRequiredService<KeyManagerClient>().SignAsync([new SigningRequest("app", "at+jwt", Encoding.UTF8.GetBytes("""{"sub":"x"}"""))], Cancellation);
        return Assert.Single(signed);
    }
}
