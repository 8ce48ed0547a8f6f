using System.Security.Cryptography;
using Aspire.Hosting.Dashboard;
using Microsoft.Extensions.Configuration;

namespace Aspire.Hosting.Running;

/// <summary>
/// Addresses and keys of this run's dashboard, chosen before anything starts. The dashboard listens on them, services send telemetry there.
/// Registered as a singleton; absent when the dashboard is off, or not there.
/// </summary>
/// <param name="FrontendUrl">Where the browser goes; ASPNETCORE_URLS of the AppHost's launch profile, or a free port.</param>
/// <param name="BrowserToken">What the login page asks for.</param>
/// <param name="OtlpGrpcEndpoint">Where services send telemetry with gRPC.</param>
/// <param name="OtlpHttpEndpoint">Where telemetry goes that is sent with HTTP and protobuf.</param>
/// <param name="OtlpApiKey">Sent by services as <c>x-otlp-api-key</c>.</param>
/// <param name="ResourceServiceUrl">Where the dashboard asks this host for resources.</param>
/// <param name="ResourceServiceApiKey">Sent by the dashboard as <c>x-resource-service-api-key</c>.</param>
internal sealed record DashboardEndpoints(
    string FrontendUrl,
    string BrowserToken,
    string OtlpGrpcEndpoint,
    string OtlpHttpEndpoint,
    string OtlpApiKey,
    string ResourceServiceUrl,
    string ResourceServiceApiKey)
{
    /// <summary>
    /// Takes the addresses from the AppHost's launch profile, as Aspire does, and free ports for those it leaves out or that somebody else has, such as another AppHost. Null
    /// where there is no dashboard: whoever listens there then would get the logs, and with them the first administrator's set-up link.
    /// </summary>
    /// <param name="settings">The AppHost's.</param>
    /// <param name="nodeModules">Where npm puts the dashboard.</param>
    public static DashboardEndpoints? Choose(IConfiguration settings, string nodeModules) => DashboardBundle.Find(nodeModules) is null ? null : new(
        FrontendUrl: UrlFrom(settings["ASPNETCORE_URLS"]),
        BrowserToken: NewKey(),
        OtlpGrpcEndpoint: UrlFrom(settings["ASPIRE_DASHBOARD_OTLP_ENDPOINT_URL"]),
        OtlpHttpEndpoint: UrlFrom(settings["ASPIRE_DASHBOARD_OTLP_HTTP_ENDPOINT_URL"]),
        OtlpApiKey: NewKey(),
        ResourceServiceUrl: UrlFrom(settings["ASPIRE_RESOURCE_SERVICE_ENDPOINT_URL"]),
        ResourceServiceApiKey: NewKey());

    private static string UrlFrom(string? setting) =>
        string.IsNullOrEmpty(setting) || (Uri.TryCreate(setting, UriKind.Absolute, out var url) && !FreePorts.TryTake(url.Port)) ? $"http://localhost:{FreePorts.Next()}" : setting;

    private static string NewKey() => Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16));
}
