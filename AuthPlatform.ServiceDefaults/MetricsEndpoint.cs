using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using OpenTelemetry.Metrics;

namespace AuthPlatform.ServiceDefaults;

/// <summary>
/// <c>GET /metrics</c> for Prometheus, at <c>Metrics:Address</c> (default 127.0.0.1) and <c>Metrics:Port</c> (default: not at all; 0 for any free port). A server of its own
/// without the service's routes: no address, route or proxy of the service leads here, and being scraped is neither measured nor traced.
/// </summary>
internal sealed partial class MetricsEndpoint(IPEndPoint address, MeterProvider meters, IServiceProvider services, ILoggerFactory logs)
    : IHostedService, IHttpApplication<HttpContext>, IDisposable
{
    private const string PortSetting = "Metrics:Port";
    private const string AddressSetting = "Metrics:Address";
    private const string DefaultAddress = "127.0.0.1";
    private const string Path = "/metrics";

    private KestrelServer? _server;
    private RequestDelegate? _answer;

    /// <summary>False when nobody has asked for it.</summary>
    public static bool AddTo(IHostApplicationBuilder builder)
    {
        var (portText, hostText) = (builder.Configuration[PortSetting], builder.Configuration[AddressSetting]);
        if (string.IsNullOrEmpty(portText))
        {
            return false;
        }

        if (!IPAddress.TryParse(string.IsNullOrEmpty(hostText) ? DefaultAddress : hostText, out var host))
        {
            builder.Refuse($"{AddressSetting} must be an IP address, such as {DefaultAddress} or 0.0.0.0.");
        }

        if (!ushort.TryParse(portText, out var port))
        {
            builder.Refuse($"{PortSetting} must be a number from 0 to {ushort.MaxValue}.");
        }

        builder.Services.AddOpenTelemetry().WithMetrics(metrics => metrics.AddPrometheusExporter());
        // What was refused never gets so far.
        builder.Services.AddHostedService(services => new MetricsEndpoint(
            new IPEndPoint(host!, port), services.GetRequiredService<MeterProvider>(), services, services.GetRequiredService<ILoggerFactory>()));
        return true;
    }

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        var app = new ApplicationBuilder(services);
        app.UseOpenTelemetryPrometheusScrapingEndpoint(
            meters, context => HttpMethods.IsGet(context.Request.Method) && context.Request.Path == Path, path: null, configureBranchedPipeline: null, optionsName: null);
        _answer = app.Build();

        var kestrel = new KestrelServerOptions { ApplicationServices = services, AddServerHeader = false };
        kestrel.Limits.MaxConcurrentConnections = 20;
        kestrel.Limits.MaxRequestBodySize = 0;
        kestrel.Listen(address, listen => listen.Protocols = HttpProtocols.Http1);
        _server = new KestrelServer(Options.Create(kestrel), new SocketTransportFactory(Options.Create(new SocketTransportOptions()), logs), logs);
        await _server.StartAsync(this, cancellationToken);
        Log.Listens(logs.CreateLogger<MetricsEndpoint>(), _server.Features.GetRequiredFeature<IServerAddressesFeature>().Addresses.Single() + Path);
    }

    public Task StopAsync(CancellationToken cancellationToken) => _server?.StopAsync(cancellationToken) ?? Task.CompletedTask;

    public HttpContext CreateContext(IFeatureCollection contextFeatures) => new DefaultHttpContext(contextFeatures);

    public Task ProcessRequestAsync(HttpContext context) => _answer!(context);

    public void DisposeContext(HttpContext context, Exception? exception)
    {
    }

    public void Dispose() => _server?.Dispose();

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Information, "Metrics for Prometheus: {Address}")]
        public static partial void Listens(ILogger logger, string address);
    }
}
