using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using AuthPlatform.IntegrationTests.Infrastructure;

namespace AuthPlatform.IntegrationTests.Deployment;

/// <summary>An image's entry point with the environment that Compose gives it, by a user who owns nothing and may do nothing.</summary>
internal sealed class PublishedService : IAsyncDisposable
{
    private const string Listening = "Now listening on: ";

    private readonly string _folder;
    private readonly Dictionary<string, string> _environment;
    private readonly string[] _health;
    private readonly Process _process;

    private PublishedService(string folder, Dictionary<string, string> environment, string[] health, string[] entryPoint)
    {
        (_folder, _environment, _health) = (folder, environment, health);
        _process = Start(folder, environment, entryPoint);
    }

    /// <summary>What it said until it listened.</summary>
    public IReadOnlyList<string> StartLog { get; private set; } = [];

    /// <summary>Where it listens, once it does.</summary>
    public Uri Address { get; private set; } = null!;

    /// <summary>Starts one that listens, waits until it is well, and has its own health check say so.</summary>
    public static async Task<PublishedService> StartAsync(string folder, Dictionary<string, string> environment, string[] health, string[] entryPoint, CancellationToken cancellationToken)
    {
        // Containers have addresses of their own, processes only ports.
        var service = new PublishedService(folder, new(environment) { ["ASPNETCORE_HTTP_PORTS"] = "0" }, health, entryPoint);
        var log = new List<string>();
        while (!log.LastOrDefault("").Contains(Listening, StringComparison.Ordinal))
        {
            log.Add(await service._process.StandardOutput.ReadLineAsync(cancellationToken)
                ?? throw new InvalidOperationException($"{entryPoint[^1]} has ended: {string.Join('\n', log)} {await service._process.StandardError.ReadToEndAsync(cancellationToken)}"));
        }

        service.StartLog = log;
        // Nobody reads further; a full pipe would stop the service.
        _ = service._process.StandardOutput.ReadToEndAsync(CancellationToken.None);
        _ = service._process.StandardError.ReadToEndAsync(CancellationToken.None);
        var port = new Uri(log[^1][(log[^1].IndexOf(Listening, StringComparison.Ordinal) + Listening.Length)..].Trim().Replace("[::]", "localhost", StringComparison.Ordinal)).Port;
        service.Address = new Uri($"http://127.0.0.1:{port}");
        service._environment["ASPNETCORE_HTTP_PORTS"] = port.ToString(CultureInfo.InvariantCulture);
        using var http = new HttpClient { BaseAddress = service.Address };
        // Asked here until it is well: a program for each question would take the processor from the service that is asked.
        await Eventually.TrueAsync(
            async () =>
            {
                using var answer = await http.GetAsync(new Uri(health[^1], UriKind.Relative), cancellationToken);
                return answer.IsSuccessStatusCode;
            },
            cancellationToken);
        Assert.Equal(0, await service.HealthAsync(cancellationToken));
        return service;
    }

    /// <summary>Runs one that ends by itself.</summary>
    public static Task<(int ExitCode, string Log)> RunAsync(string folder, Dictionary<string, string> environment, string[] command, CancellationToken cancellationToken) =>
        Start(folder, environment, command).FinishAsync(cancellationToken);

    /// <summary>What the health check of the container exits with.</summary>
    public async Task<int> HealthAsync(CancellationToken cancellationToken) => (await RunAsync(_folder, _environment, _health, cancellationToken)).ExitCode;

    /// <summary>As an engine stops a container.</summary>
    public async Task<int> StopAsync(CancellationToken cancellationToken)
    {
        using var terminate = Process.Start("kill", ["-TERM", _process.Id.ToString(CultureInfo.InvariantCulture)]);
        await _process.WaitForExitAsync(cancellationToken);
        return _process.ExitCode;
    }

    public async ValueTask DisposeAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
    }

    private static Process Start(string folder, Dictionary<string, string> environment, string[] command)
    {
        string[] user = Environment.IsPrivilegedProcess ? ["--reuid=1654", "--regid=1654", "--clear-groups", "--inh-caps=-all", "--bounding-set=-all"] : [];
        var start = new ProcessStartInfo("setpriv", [.. user, "--no-new-privs", .. command]) { WorkingDirectory = folder, RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment.Clear();
        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }

        start.Environment["PATH"] = Environment.GetEnvironmentVariable("PATH");
        // A program that is not native finds its runtime by this, wherever it is.
        start.Environment["DOTNET_ROOT"] = Path.GetFullPath("../../..", RuntimeEnvironment.GetRuntimeDirectory());
        start.Environment[WriteXorExecute.Setting] = Environment.GetEnvironmentVariable(WriteXorExecute.Setting);
        return Process.Start(start)!;
    }
}
