using System.Diagnostics;
using AuthPlatform.IntegrationTests.Infrastructure;

namespace AuthPlatform.IntegrationTests.Deployment;

/// <summary>The samples of client applications, started as the documentation says.</summary>
internal static class ClientSamples
{
    /// <param name="application">As which they sign.</param>
    /// <param name="address">The public address, or where else the platform is.</param>
    public static Dictionary<string, string> SettingsFor(TestApplication application, Uri address) => new()
    {
        ["GATEWAY_URL"] = address.ToString(),
        ["AUTHPLATFORM_CLIENT_ID"] = application.ClientId,
        ["AUTHPLATFORM_CLIENT_SECRET"] = application.Secret,
        // Of a machine behind a proxy, which knows nothing of this one.
        ["http_proxy"] = "http://127.0.0.1:1",
        ["no_proxy"] = "",
        ["NO_PROXY"] = "",
    };

    public static async Task<(int ExitCode, string Log)> RunQuickstartAsync(Dictionary<string, string> settings, CancellationToken cancellationToken)
    {
        var start = new ProcessStartInfo("python3", [Repository.PathOf("samples/python/quickstart.py")]) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var (name, value) in settings)
        {
            start.Environment[name] = value;
        }

        var run = await Process.Start(start)!.FinishAsync(cancellationToken);
        // A crowded machine, of which it says so and ends.
        return run.Log.Contains("answered 503", StringComparison.Ordinal) ? await Process.Start(start)!.FinishAsync(cancellationToken) : run;
    }

    public static Task<(int ExitCode, string Log)> RunSigningClientAsync(Dictionary<string, string> settings, CancellationToken cancellationToken) =>
        ServiceProcess.Start("SigningClient", settings, ends: true).FinishAsync(cancellationToken);
}
