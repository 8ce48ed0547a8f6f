using System.Security.Cryptography;

namespace Aspire.Hosting.Running;

/// <summary>
/// Addresses and keys of this run's dashboard, chosen before anything starts. The dashboard listens on them, services send telemetry there.
/// Registered as a singleton; absent when the dashboard is off.
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
    public static DashboardEndpoints Choose(string? frontendUrl) => new(
        frontendUrl ?? FreeUrl(), NewKey(), FreeUrl(), FreeUrl(), NewKey(), FreeUrl(), NewKey());

    private static string FreeUrl() => $"http://localhost:{FreePorts.Next()}";

    private static string NewKey() => Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16));
}
