using System.Net;
using AuthPlatform.ServiceDefaults;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;

namespace AuthPlatform.UnitTests.ServiceDefaults;

/// <summary>What a service says of itself that needs another one.</summary>
public sealed class HealthEndpointsTests
{
    private const string Needed = "needed";

    private readonly FakeTimeProvider _clock = new();
    private int _looks;
    private volatile HttpStatusCode _answer = HttpStatusCode.OK;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Ready_AskedByManyAtOnce_LooksOnceASecond()
    {
        await using var replica = await StartReplicaAsync();
        await using var service = await StartAsync(replica);
        using var http = new HttpClient { BaseAddress = new Uri(service.Urls.Single()) };

        var answers = await Task.WhenAll(Enumerable.Range(0, 500).Select(_ => AskAsync(http, "ready")));
        Assert.All(answers, answer => Assert.Equal(HttpStatusCode.OK, answer));
        Assert.Equal(1, Volatile.Read(ref _looks));

        _clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(HttpStatusCode.OK, await AskAsync(http, "ready"));
        Assert.Equal(2, Volatile.Read(ref _looks));
    }

    /// <summary>Whoever waits for it to be ready does not wait longer for that.</summary>
    [Fact]
    public async Task Service_WithoutWhatItNeeds_IsNotReadyButServes()
    {
        _answer = HttpStatusCode.ServiceUnavailable;
        await using var replica = await StartReplicaAsync();
        await using var service = await StartAsync(replica);
        using var http = new HttpClient { BaseAddress = new Uri(service.Urls.Single()) };

        Assert.Equal((HttpStatusCode.ServiceUnavailable, HttpStatusCode.OK), (await AskAsync(http, "ready"), await AskAsync(http, "serving")));

        _answer = HttpStatusCode.OK;
        _clock.Advance(TimeSpan.FromMilliseconds(100));
        Assert.Equal(HttpStatusCode.OK, await AskAsync(http, "ready"));
    }

    [Fact]
    public async Task Ready_AfterALookThatHangs_LooksAgain()
    {
        var hangs = new TaskCompletionSource();
        await using var replica = await LocalServer.StartAsync(_ => Interlocked.Increment(ref _looks) == 1 ? hangs.Task : Task.CompletedTask);
        await using var service = await StartAsync(replica);
        using var http = new HttpClient { BaseAddress = new Uri(service.Urls.Single()) };
        var first = AskAsync(http, "ready");
        while (Volatile.Read(ref _looks) == 0)
        {
            await Task.Yield();
        }

        _clock.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal(HttpStatusCode.OK, await AskAsync(http, "ready"));

        hangs.SetResult();
        await first;
    }

    /// <summary>Whoever answers there is not the service.</summary>
    [Fact]
    public async Task Service_WhoseNeededOneRedirects_IsNotReady()
    {
        await using var replica = await LocalServer.StartAsync(context =>
        {
            if (context.Request.Path != "/elsewhere")
            {
                context.Response.Redirect("/elsewhere");
            }

            return Task.CompletedTask;
        });
        await using var service = await StartAsync(replica);
        using var http = new HttpClient { BaseAddress = new Uri(service.Urls.Single()) };

        Assert.Equal(HttpStatusCode.ServiceUnavailable, await AskAsync(http, "ready"));
    }

    /// <summary>HTTP_PROXY is for what leaves the platform.</summary>
    [Fact]
    public async Task Service_LookingAtTheOneItNeeds_UsesNoProxy()
    {
        await using var replica = await StartReplicaAsync();
        await using var service = await StartAsync(replica);

        var handler = service.Services.GetRequiredService<IHttpMessageHandlerFactory>().CreateHandler($"health of {Needed}");
        while (handler is DelegatingHandler { InnerHandler: { } inner })
        {
            handler = inner;
        }

        Assert.False(Assert.IsType<SocketsHttpHandler>(handler).UseProxy);
    }

    /// <summary>That is no matter of looking again.</summary>
    [Fact]
    public async Task Service_ToldToStop_SaysSoAtOnce()
    {
        await using var replica = await StartReplicaAsync();
        await using var service = await StartAsync(replica);
        using var http = new HttpClient { BaseAddress = new Uri(service.Urls.Single()) };
        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.OK), (await AskAsync(http, "ready"), await AskAsync(http, "serving")));

        await service.Services.GetRequiredService<Drain>().StoppingAsync(Cancellation);

        Assert.Equal((HttpStatusCode.ServiceUnavailable, HttpStatusCode.ServiceUnavailable), (await AskAsync(http, "ready"), await AskAsync(http, "serving")));
        Assert.Equal(HttpStatusCode.OK, await AskAsync(http, "live"));
        Assert.Equal(1, Volatile.Read(ref _looks));
    }

    private static async Task<HttpStatusCode> AskAsync(HttpClient http, string what)
    {
        using var response = await http.GetAsync(new Uri($"/health/{what}", UriKind.Relative), Cancellation);
        return response.StatusCode;
    }

    private Task<WebApplication> StartReplicaAsync() => LocalServer.StartAsync(context =>
    {
        Interlocked.Increment(ref _looks);
        context.Response.StatusCode = (int)_answer;
        return Task.CompletedTask;
    });

    private async Task<WebApplication> StartAsync(WebApplication replica)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Configuration[$"services:{Needed}:http:0"] = replica.Urls.Single();
        builder.Services.AddSingleton<TimeProvider>(_clock);
        builder.AddServiceDefaults();
        builder.Services.AddServiceHealthCheck(Needed);
        builder.Logging.ClearProviders();
        var app = builder.Build();
        app.UseServiceDefaults();
        await app.StartAsync(Cancellation);
        return app;
    }
}
