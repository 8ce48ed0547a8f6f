using System.Text;
using AuthPlatform.Contracts;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace AuthPlatform.UnitTests.KeyManager;

/// <summary>The client against a server that answers whatever a test wants.</summary>
public sealed class KeyManagerClientTests : IAsyncLifetime
{
    private const string Secret = "internal-0123456789abcdef0123456789";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>The first calls of a process wait for the compiler, longer than the client may do before it asks again: one without a limit, and then one with.</summary>
    public async ValueTask InitializeAsync()
    {
        await using var server = await LocalServer.StartAsync(context => context.Response.WriteAsync("""{"keys":[]}""", Cancellation));
        await WithClientAsync(server.Urls.Single(), client => client.EnsureKeysAsync("app", Cancellation));
        await WithClientAsync(server.Urls.Single(), client => client.ReadKeysAsync("app", 0, Cancellation));
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

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

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task ReadKeysAsync_BrokenOffOrUnavailableOnce_AsksAgain(bool breaksOff)
    {
        var seen = new List<string>();
        await using var server = await LocalServer.StartAsync(context =>
        {
            seen.Add($"{context.Request.Method} {context.Request.Path}{context.Request.QueryString} {context.Request.Headers.Authorization}");
            if (seen.Count > 1)
            {
                context.Response.Headers[KeyManagerContract.VersionHeader] = "7";
                return context.Response.WriteAsync("""{"keys":[{"kty":"RSA","use":"sig","alg":"RS256","kid":"kid","n":"AQ","e":"AQAB"}]}""", Cancellation);
            }

            context.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
            if (breaksOff)
            {
                context.Abort();
            }

            return Task.CompletedTask;
        });
        var (keys, version) = await WithClientAsync(server.Urls.Single(), client => client.ReadKeysAsync("app", 5, Cancellation));
        Assert.Equal(new PublishedKey("RSA", "sig", "RS256", "kid", "AQ", "AQAB"), Assert.Single(keys.Keys));
        Assert.Equal(7, version);
        Assert.Equal(Enumerable.Repeat($"GET /internal/applications/app/jwks?version=5 Bearer {Secret}", 2), seen);
    }

    [Fact]
    public async Task ReadKeysAsync_OfAnApplicationWithoutKeys_GivesNoneAndTheVersion()
    {
        await using var server = await LocalServer.StartAsync(context =>
        {
            context.Response.StatusCode = StatusCodes.Status404NotFound;
            context.Response.Headers[KeyManagerContract.VersionHeader] = "7";
            return Task.CompletedTask;
        });
        var (keys, version) = await WithClientAsync(server.Urls.Single(), client => client.ReadKeysAsync("app", 5, Cancellation));
        Assert.Empty(keys.Keys);
        Assert.Equal(7, version);
    }

    [Theory]
    [InlineData(StatusCodes.Status200OK, "nonsense")]
    [InlineData(StatusCodes.Status200OK, "null")]
    [InlineData(StatusCodes.Status401Unauthorized, "")]
    [InlineData(StatusCodes.Status503ServiceUnavailable, "")]
    public async Task ReadChangesAsync_NotAnsweredAsItShould_ThrowsAndAsksNoMore(int status, string answer)
    {
        var calls = 0;
        await using var server = await LocalServer.StartAsync(context =>
        {
            calls++;
            context.Response.StatusCode = status;
            return context.Response.WriteAsync(answer, Cancellation);
        });
        await Assert.ThrowsAsync<HttpRequestException>(() => WithClientAsync(server.Urls.Single(), client => client.ReadChangesAsync(Cancellation)));
        Assert.Equal(1, calls);
    }

    /// <summary>As a cancellation, it would end whoever follows changes, and the service with it.</summary>
    [Fact]
    public async Task ReadChangesAsync_NotAnswered_ThrowsThatAndNoCancellation()
    {
        await using var server = await LocalServer.StartAsync(context => Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, context.RequestAborted));
        await Assert.ThrowsAsync<HttpRequestException>(() => WithClientAsync(server.Urls.Single(), client => client.ReadChangesAsync(Cancellation)));
    }

    [Fact]
    public void SignedToken_AsText_HoldsNoToken() => Assert.DoesNotContain("a.b.c", new SignedToken("a.b.c", "kid").ToString(), StringComparison.Ordinal);

    private static async Task<SignedToken?> SignAsync(string address)
    {
        var signed = await WithClientAsync(address, client => client.SignAsync([new SigningRequest("app", "at+jwt", Encoding.UTF8.GetBytes("""{"sub":"x"}"""))], Cancellation));
        return Assert.Single(signed);
    }

    private static async Task<T> WithClientAsync<T>(string address, Func<KeyManagerClient, Task<T>> ask)
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
        return await ask(provider.GetRequiredService<KeyManagerClient>());
    }
}
