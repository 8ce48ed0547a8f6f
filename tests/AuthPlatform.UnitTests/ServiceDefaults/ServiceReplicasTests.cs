using System.Net;
using AuthPlatform.Contracts;
using AuthPlatform.ServiceDefaults;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace AuthPlatform.UnitTests.ServiceDefaults;

/// <summary>The client of a service with two replicas.</summary>
public sealed class ServiceReplicasTests
{
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

    /// <summary>How late it is says nothing about how long ago that was.</summary>
    [Fact]
    public async Task Replica_ThatSaidItIsUnavailableBeforeTheClockWasSetBack_IsTriedAgainAsSoon()
    {
        var clock = new ClockToSetBack();
        await using var able = await LocalServer.StartAsync(_ => Task.CompletedTask);
        await using var unable = await LocalServer.StartAsync(context =>
        {
            context.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
            return Task.CompletedTask;
        });
        await using var caller = Caller(able, unable, clock);
        Assert.Equal(1, await CountUnavailableAsync(caller, calls: 6));

        clock.IsSetBack = true;
        Assert.Equal(0, await CountUnavailableAsync(caller, calls: 6));
        clock.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal(1, await CountUnavailableAsync(caller, calls: 6));
    }

    [Fact]
    public async Task Replica_ThatHangs_CostsOneTryAndNoCall()
    {
        var tries = 0;
        await using var able = await LocalServer.StartAsync(context => context.Response.WriteAsync("""{"keys":[]}""", Cancellation));
        await using var hanging = await LocalServer.StartAsync(context =>
        {
            Interlocked.Increment(ref tries);
            // As long as the most hurried client waits, however long it takes here.
            _clock.Advance(TimeSpan.FromSeconds(1));
            return Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, context.RequestAborted);
        });
        await using var caller = Caller(able, hanging, _clock);
        var client = caller.Services.GetRequiredService<KeyManagerClient>();

        for (var i = 0; i < 6; i++)
        {
            Assert.Empty((await client.ReadKeysAsync("app", 0, Cancellation)).Keys.Keys);
        }

        Assert.Equal(1, tries);
    }

    private static async Task<int> CountUnavailableAsync(WebApplication caller, int calls)
    {
        using var http = caller.Services.GetRequiredService<IHttpClientFactory>().CreateClient();
        var unavailable = 0;
        for (var i = 0; i < calls; i++)
        {
            using var response = await http.GetAsync(new Uri($"http://{ResourceNames.KeyManager}"), Cancellation);
            unavailable += response.StatusCode == HttpStatusCode.ServiceUnavailable ? 1 : 0;
        }

        return unavailable;
    }

    private static WebApplication Caller(WebApplication one, WebApplication other, TimeProvider clock)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Configuration["services:key-manager:http:0"] = one.Urls.Single();
        builder.Configuration["services:key-manager:http:1"] = other.Urls.Single();
        builder.Configuration["InternalCalls:Secrets:0"] = "internal-0123456789abcdef0123456789";
        builder.Services.AddSingleton(clock);
        builder.AddServiceDefaults();
        builder.Services.AddKeyManagerClient();
        return builder.Build();
    }

    private sealed class ClockToSetBack : FakeTimeProvider
    {
        public bool IsSetBack { get; set; }

        public override DateTimeOffset GetUtcNow() => base.GetUtcNow() - (IsSetBack ? TimeSpan.FromHours(1) : TimeSpan.Zero);

        /// <summary>Nobody sets this one.</summary>
        public override long GetTimestamp() => base.GetUtcNow().Ticks;
    }
}
