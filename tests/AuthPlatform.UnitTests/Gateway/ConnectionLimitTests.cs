using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Net;
using System.Net.Sockets;
using AuthPlatform.Gateway;
using AuthPlatform.Gateway.Limits;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace AuthPlatform.UnitTests.Gateway;

/// <summary>An address that may have two connections.</summary>
public sealed class ConnectionLimitTests : IDisposable
{
    private readonly CancellationTokenSource _patience = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);

    public ConnectionLimitTests() => _patience.CancelAfter(TimeSpan.FromMinutes(1));

    public void Dispose() => _patience.Dispose();

    [Fact]
    public async Task Connection_BeyondTheLimitOfItsAddress_IsEndedUntilAnotherIsClosed()
    {
        await using var server = await StartAsync(forwarded => forwarded.KnownIPNetworks.Clear());
        var limits = new ConcurrentQueue<object?>();
        using var listener = Listen(server, limits);
        using var first = await DialAsync(server);
        using var second = await DialAsync(server);
        Assert.True(await IsServedAsync(first));
        Assert.True(await IsServedAsync(second));
        Assert.False(await IsNextServedAsync(server));
        Assert.Equal("connections", Assert.Single(limits));

        first.Close();
        // The server notices that in a moment.
        while (!await IsNextServedAsync(server))
        {
        }

        Assert.True(await IsServedAsync(second));
    }

    /// <summary>Those of all callers come from there.</summary>
    [Fact]
    public async Task Connections_OfATrustedProxy_AreNotCounted()
    {
        await using var server = await StartAsync(forwarded => forwarded.KnownIPNetworks.Add(new(IPAddress.Parse("127.0.0.0"), 8)));
        using var first = await DialAsync(server);
        using var second = await DialAsync(server);
        using var third = await DialAsync(server);
        Assert.True(await IsServedAsync(first) && await IsServedAsync(second) && await IsServedAsync(third));
    }

    private async Task<WebApplication> StartAsync(Action<ForwardedHeadersOptions> trust)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseUrls("http://127.0.0.1:0");
        builder.Services.AddLogging().AddSingleton(TimeProvider.System).AddSingleton<LimitedCallers>().AddSingleton<GatewayMetrics>().AddReverseProxy().LoadFromMemory([], []);
        builder.Services.AddSingleton<IConfigureOptions<KestrelServerOptions>, ConnectionLimit>();
        builder.Services.Configure<LimitOptions>(limits => limits.Connections = 2).Configure(trust);
        var app = builder.Build();
        app.Run(context => context.Response.WriteAsync("served"));
        await app.StartAsync(_patience.Token);
        return app;
    }

    /// <summary>The limits that are counted as reached.</summary>
    private static MeterListener Listen(WebApplication server, ConcurrentQueue<object?> limits)
    {
        var meters = server.Services.GetRequiredService<IMeterFactory>();
        var listener = new MeterListener
        {
            InstrumentPublished = (instrument, me) =>
            {
                if (instrument.Name == "authplatform.gateway.limited" && instrument.Meter.Scope == meters)
                {
                    me.EnableMeasurementEvents(instrument);
                }
            },
        };
        listener.SetMeasurementEventCallback<long>((_, _, tags, _) => limits.Enqueue(tags[0].Value));
        listener.Start();
        return listener;
    }

    private async Task<TcpClient> DialAsync(WebApplication server)
    {
        var client = new TcpClient();
        await client.ConnectAsync("127.0.0.1", new Uri(server.Urls.Single()).Port, _patience.Token);
        return client;
    }

    /// <summary>Whether one more connection is served; the server may hang up on it before its client has noticed that it was made.</summary>
    private async Task<bool> IsNextServedAsync(WebApplication server)
    {
        try
        {
            using var next = await DialAsync(server);
            return await IsServedAsync(next);
        }
        catch (SocketException hungUp) when (hungUp.SocketErrorCode == SocketError.ConnectionReset)
        {
            return false;
        }
    }

    private async Task<bool> IsServedAsync(TcpClient client)
    {
        try
        {
            await client.GetStream().WriteAsync("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"u8.ToArray(), _patience.Token);
            return await client.GetStream().ReadAsync(new byte[1024], _patience.Token) > 0;
        }
        catch (IOException)
        {
            return false;
        }
    }
}
