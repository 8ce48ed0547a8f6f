using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text.RegularExpressions;
using AuthPlatform.IntegrationTests.Infrastructure;

namespace AuthPlatform.IntegrationTests.Hosting;

/// <summary>How the AppHost starts and ends on the embedded host.</summary>
public sealed class AppHostProcessTests
{
    /// <summary>Twice what stores are given to end, and more, as machines that run tests are crowded. Ctrl+C takes the same way.</summary>
    private static readonly TimeSpan StopLimit = TimeSpan.FromSeconds(20);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task AppHost_Terminated_EndsEverythingAndSaysSo()
    {
        var port = AppHostProcess.FreePort();
        using var host = new AppHostProcess(port);
        await host.ReadyAsync(Cancellation);
        var children = host.Descendants();

        Assert.DoesNotContain("localhost", await File.ReadAllTextAsync(host.SettingsFile, Cancellation), StringComparison.Ordinal);
        AssertServicesAreConfigured(children);
        using var gateway = new HttpClient();
        Assert.Equal("""{"status":"ok"}""", await gateway.GetStringAsync(new Uri($"http://localhost:{port}/health"), Cancellation));
        Assert.Contains($"http://localhost:{port}", host.Output, StringComparison.Ordinal);
        // Beside all else, it comes when it comes.
        await Eventually.TrueAsync(() => Task.FromResult(Regex.IsMatch(host.Output, @"Login to the dashboard at http://localhost:\d+/login\?t=\w+")), Cancellation);
        Assert.Contains("quickstart", host.Output, StringComparison.Ordinal);
        // It comes from the environment here: the user secrets have none, or another.
        Assert.Contains("Its secret:    as you set it", host.Output, StringComparison.Ordinal);
        // Whoever has such variables by chance learns what they do; their values are nobody's business.
        Assert.Contains("variables of the older service, such as CLIENT_ID or ENVIRONMENT (docs/migrating.md): Logging:LogLevel:Default, OTEL_RESOURCE_ATTRIBUTES", host.Output, StringComparison.Ordinal);
        // Its key is sent to whatever localhost means: no part of that is left for others.
        Assert.Throws<SocketException>(() => Listen(IPAddress.IPv6Loopback, host.ResourceServicePort));

        Assert.True(OperatingSystem.IsLinux() && File.GetUnixFileMode(host.SettingsFile) == (UnixFileMode.UserRead | UnixFileMode.UserWrite));
        var (exitCode, apps, _) = await CliProcess.RunAsync(new() { ["AUTHPLATFORM_SETTINGS"] = host.SettingsFile }, Cancellation, "apps", "list");
        Assert.True(exitCode == 0 && apps.Contains("quickstart", StringComparison.Ordinal), apps);

        host.Terminate();
        await host.ExitAsync(StopLimit, Cancellation);

        Assert.Equal(0, host.ExitCode);
        Assert.False(File.Exists(host.SettingsFile));
        Assert.NotEmpty(children);
        Assert.All(children, child => Assert.True(child.HasExited, child.ProcessName));
    }

    [Fact]
    public async Task AppHost_Killed_LeavesNoProcessBehind()
    {
        using var host = new AppHostProcess(AppHostProcess.FreePort());
        await host.ReadyAsync(Cancellation);
        var children = host.Descendants();
        Assert.NotEmpty(children);

        host.Kill();

        await Task.WhenAll(children.Select(child => child.WaitForExitAsync(Cancellation))).WaitAsync(StopLimit, TimeProvider.System, Cancellation);
    }

    [Fact]
    public async Task AppHost_PortInUse_FailsInOneSentenceThatNamesIt()
    {
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        var port = ((IPEndPoint)taken.LocalEndpoint).Port;
        using var host = new AppHostProcess(port);
        await host.ExitAsync(TimeSpan.FromMinutes(5), Cancellation);

        Assert.NotEqual(0, host.ExitCode);
        var line = Assert.Single(host.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries));
        Assert.Contains($"Port {port}", line, StringComparison.Ordinal);
        Assert.Contains("Gateway:Port", line, StringComparison.Ordinal);
    }

    /// <summary>They connect to where the stores listen and to no other address, and know what the older deployment had set.</summary>
    private static void AssertServicesAreConfigured(IEnumerable<Process> processes)
    {
        var services = processes.Select(AppHostProcess.EnvironmentOf).Where(variables => variables.Any(v => v.StartsWith("OTEL_SERVICE_NAME=", StringComparison.Ordinal))).ToList();
        Assert.True(services.Count >= 4, $"There are {services.Count} services.");
        Assert.All(services, variables =>
        {
            Assert.DoesNotContain(variables, v => v.StartsWith("ConnectionStrings__", StringComparison.Ordinal) && v.Contains("localhost", StringComparison.Ordinal));
            Assert.Contains("Logging__LogLevel__Default=Warning", variables);
            Assert.Matches(
                @"^OTEL_RESOURCE_ATTRIBUTES=service\.instance\.id=\w+,service\.namespace=Login,deployment\.environment\.name=old$",
                Assert.Single(variables, v => v.StartsWith("OTEL_RESOURCE_ATTRIBUTES=", StringComparison.Ordinal)));
        });
    }

    private static void Listen(IPAddress address, int port)
    {
        using var listener = new TcpListener(address, port);
        listener.Start();
    }
}
