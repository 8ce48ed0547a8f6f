using System.Net;
using AuthPlatform.ServiceDefaults;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace AuthPlatform.UnitTests.ServiceDefaults;

/// <summary>The client of a service with two replicas.</summary>
public sealed class ServiceReplicasTests
{
    private const string Service = "service";

    private readonly FakeTimeProvider _clock = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Replica_ThatSaysItIsUnavailable_IsTheLastToBeTriedForAWhile()
    {
        await using var able = await LocalServer.StartAsync(_ => Task.CompletedTask);
        await using var unable = await LocalServer.StartAsync(context =>
        {
            context.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
            return Task.CompletedTask;
        });
        await using var caller = Caller(able, unable, _clock);

        Assert.Equal(1, await CountUnavailableAsync(caller, calls: 6));
        _clock.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal(1, await CountUnavailableAsync(caller, calls: 6));
    }

    [Fact]
    public async Task Replica_ThatHangs_CostsOneTryAndNoCall()
    {
        var tries = 0;
        await using var able = await LocalServer.StartAsync(_ => Task.CompletedTask);
        await using var hanging = await LocalServer.StartAsync(context =>
        {
            Interlocked.Increment(ref tries);
            return Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, context.RequestAborted);
        });
        await using var caller = Caller(able, hanging, TimeProvider.System);
        using var http = caller.Services.GetRequiredService<IHttpClientFactory>().CreateClient(Service);

        for (var i = 0; i < 6; i++)
        {
            using var response = await http.GetAsync(new Uri("/", UriKind.Relative), Cancellation);
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        }

        Assert.Equal(1, tries);
    }

    private static async Task<int> CountUnavailableAsync(WebApplication caller, int calls)
    {
        using var http = caller.Services.GetRequiredService<IHttpClientFactory>().CreateClient();
        var unavailable = 0;
        for (var i = 0; i < calls; i++)
        {
            using var response = await http.GetAsync(new Uri("http://service/"), Cancellation);
            unavailable += response.StatusCode == HttpStatusCode.ServiceUnavailable ? 1 : 0;
        }

        return unavailable;
    }

    private static WebApplication Caller(WebApplication one, WebApplication other, TimeProvider clock)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Configuration["services:service:http:0"] = one.Urls.Single();
        builder.Configuration["services:service:http:1"] = other.Urls.Single();
        builder.Services.AddSingleton(clock);
        builder.AddServiceDefaults();
        builder.Services.AddServiceClient(Service);
        return builder.Build();
    }
}
