using AuthPlatform.ServiceDefaults;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using OpenTelemetry;
using OpenTelemetry.Metrics;

namespace AuthPlatform.UnitTests.ServiceDefaults;

/// <summary>As whose telemetry stands what a service exports.</summary>
public sealed class TelemetryResourceTests
{
    /// <summary>By OTLP nothing else tells replicas apart.</summary>
    [Fact]
    public async Task Instance_ThatNobodyNames_IsTheProcess()
    {
        await using var service = Build("service.namespace=shop");

        Assert.Equal($"{Environment.MachineName}/{Environment.ProcessId}", AttributesOf(service)["service.instance.id"]);
    }

    [Fact]
    public async Task Instance_ThatTheSettingsName_KeepsThatName()
    {
        await using var service = Build("service.instance.id=second,service.namespace=shop,service.version=theirs");

        var attributes = AttributesOf(service);

        Assert.Equal(("second", "shop"), (attributes["service.instance.id"], attributes["service.namespace"]));
        // What runs it knows better.
        Assert.Equal(ServiceVersion.Current, attributes["service.version"]);
    }

    private static WebApplication Build(string attributes)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Configuration["OTEL_RESOURCE_ATTRIBUTES"] = attributes;
        // Any way out will do; this one is never started.
        builder.Configuration["Metrics:Port"] = "0";
        builder.AddServiceDefaults();
        builder.Logging.ClearProviders();
        return builder.Build();
    }

    private static Dictionary<string, string> AttributesOf(WebApplication service) =>
        service.Services.GetRequiredService<MeterProvider>().GetResource().Attributes.ToDictionary(attribute => attribute.Key, attribute => $"{attribute.Value}");
}
