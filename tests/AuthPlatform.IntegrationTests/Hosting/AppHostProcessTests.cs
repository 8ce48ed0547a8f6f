using System.Net;
using System.Net.Sockets;
using AuthPlatform.IntegrationTests.Infrastructure;

namespace AuthPlatform.IntegrationTests.Hosting;

/// <summary>How the AppHost starts and ends on the embedded host.</summary>
public sealed class AppHostProcessTests
{
    /// <summary>Twice what the README promises for Ctrl+C, as machines that run tests are crowded; SIGTERM takes the same way.</summary>
    private static readonly TimeSpan StopLimit = TimeSpan.FromSeconds(20);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task AppHost_Terminated_EndsEverythingAndSaysSo()
    {
        var port = FreePort();
        using var host = new AppHostProcess(port);
        await host.ReadyAsync(Cancellation);
        var children = host.Descendants();

        using var gateway = new HttpClient();
        Assert.Equal("""{"status":"ok"}""", await gateway.GetStringAsync(new Uri($"http://localhost:{port}/health"), Cancellation));
        Assert.Contains($"http://localhost:{port}", host.Output, StringComparison.Ordinal);
        Assert.Matches(@"Login to the dashboard at http://localhost:\d+/login\?t=\w+", host.Output);
        Assert.Contains("quickstart", host.Output, StringComparison.Ordinal);

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
        using var host = new AppHostProcess(FreePort());
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
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
