using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using OpenTelemetry;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace AuthPlatform.ServiceDefaults;

/// <summary>
/// OpenTelemetry for every service: traces, metrics and structured logs, exported by OTLP when an endpoint is configured; metrics for Prometheus when it has a port.
/// What nobody receives is not made: spans alone would cost each request more than its own work.
/// </summary>
internal static class TelemetryExtensions
{
    /// <summary>Prefix of the names of our own activity sources and meters.</summary>
    private const string OwnNames = "AuthPlatform.*";

    public static void AddTelemetry(this IHostApplicationBuilder builder)
    {
        builder.Services.AddSingleton<HealthMetrics>();
        var isExported = !string.IsNullOrWhiteSpace(builder.Configuration["OTEL_EXPORTER_OTLP_ENDPOINT"]);
        var isScraped = MetricsEndpoint.AddTo(builder);
        if (isExported || isScraped)
        {
            builder.Services.AddOpenTelemetry().ConfigureResource(Describe).WithMetrics(metrics => metrics
                .AddAspNetCoreInstrumentation()
                .AddHttpClientInstrumentation()
                .AddRuntimeInstrumentation()
                .AddMeter("Npgsql", OwnNames)
                // A measurement taken within a trace that is kept names the trace.
                .SetExemplarFilter(ExemplarFilterType.TraceBased));
        }

        if (isExported)
        {
            builder.AddExport();
        }
    }

    /// <summary>
    /// Replicas that nobody has given names to have different ones all the same: whoever stores what they export would else take it for one series. What the settings say of a resource
    /// (<c>OTEL_RESOURCE_ATTRIBUTES</c>) is added once more, because the last one who names something is right.
    /// </summary>
    private static void Describe(ResourceBuilder resource) => resource
        .AddAttributes([new("service.instance.id", $"{Environment.MachineName}/{Environment.ProcessId}")])
        .AddEnvironmentVariableDetector()
        .AddAttributes([new("service.version", ServiceVersion.Current)]);

    private static void AddExport(this IHostApplicationBuilder builder)
    {
        // Values of query strings are secrets at times, such as the token of a set-up link, and are replaced in traces: above the environment, where Aspire says otherwise in development.
        builder.Configuration.AddInMemoryCollection(
        [
            new("OTEL_DOTNET_EXPERIMENTAL_ASPNETCORE_DISABLE_URL_QUERY_REDACTION", "false"),
            new("OTEL_DOTNET_EXPERIMENTAL_HTTPCLIENT_DISABLE_URL_QUERY_REDACTION", "false"),
        ]);
        builder.Logging.AddOpenTelemetry(logging =>
        {
            logging.IncludeFormattedMessage = true;
            logging.IncludeScopes = true;
        });
        builder.Services.AddOpenTelemetry()
            .WithTracing(tracing => tracing
                .SetSampler(new ParentBasedSampler(new WorkSampler()))
                .AddSource(builder.Environment.ApplicationName, "Npgsql", OwnNames)
                // Probes come every few seconds and would bury what people look for.
                .AddAspNetCoreInstrumentation(options => options.Filter = context => !context.Request.Path.StartsWithSegments(HealthEndpoints.Root))
                .AddHttpClientInstrumentation(options => options.FilterHttpRequestMessage = request => request.RequestUri?.AbsolutePath.StartsWith(HealthEndpoints.Root, StringComparison.Ordinal) != true))
            .UseOtlpExporter();
    }
}
