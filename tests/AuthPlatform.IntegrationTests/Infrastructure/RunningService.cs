using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;

namespace AuthPlatform.IntegrationTests.Infrastructure;

/// <summary>A service of its own that listens on a free port; it ends with the test.</summary>
internal sealed class RunningService : IDisposable
{
    private const string Listening = "Now listening on: ";
    private const string Measuring = "Metrics for Prometheus: ";
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private readonly Process _process;

    private RunningService(Process process, Uri address, IReadOnlyCollection<string> log)
    {
        (_process, Log, Metrics) = (process, log, log.Select(said => AddressIn(said, Measuring)).FirstOrDefault(found => found is not null));
        Http = new HttpClient { BaseAddress = address };
    }

    public HttpClient Http { get; }

    /// <summary>What it has said so far.</summary>
    public IReadOnlyCollection<string> Log { get; }

    /// <summary>The names of the files that it has in memory, assemblies among them, as Linux knows them.</summary>
    public IReadOnlyList<string> Loaded => [.. File.ReadLines($"/proc/{_process.Id}/maps").Select(line => Path.GetFileName(line)).Distinct()];

    /// <summary>How the kernel schedules its threads: 0 as usual, 3 in batches.</summary>
    public IReadOnlyList<int> SchedulingPolicies => [.. Directory.GetDirectories($"/proc/{_process.Id}/task").SelectMany(SchedulingPolicyOf)];

    /// <summary>The most memory, in bytes, that it has had at any moment.</summary>
    public long PeakMemory
    {
        get
        {
            _process.Refresh();
            return _process.PeakWorkingSet64;
        }
    }

    /// <summary>Has the kernel forget the peak so far; proc_pid_clear_refs(5).</summary>
    public void ForgetPeakMemory()
    {
        if (OperatingSystem.IsLinux())
        {
            File.WriteAllText($"/proc/{_process.Id}/clear_refs", "5");
        }
    }

    /// <summary>Where Prometheus reads it; null unless <c>Metrics:Port</c> is set.</summary>
    public Uri? Metrics { get; }

    /// <param name="service">Its project.</param>
    /// <param name="environment">Its settings, but where it listens.</param>
    /// <param name="cancellationToken">Ends the wait until it is ready.</param>
    /// <param name="asAssembly">Whatever else it was compiled to: for who looks at what it has loaded.</param>
    public static async Task<RunningService> StartAsync(string service, IReadOnlyDictionary<string, string> environment, CancellationToken cancellationToken, bool asAssembly = false)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(Patience);
        var running = await ListenAsync(service, environment, patience.Token, asAssembly);
        try
        {
            while (!await running.IsReadyAsync(patience.Token))
            {
                await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System, patience.Token);
            }

            return running;
        }
        catch
        {
            running.Dispose();
            throw;
        }
    }

    /// <summary>The same as soon as it takes connections, whether or not it is ready.</summary>
    public static async Task<RunningService> ListenAsync(string service, IReadOnlyDictionary<string, string> environment, CancellationToken cancellationToken, bool asAssembly = false)
    {
        var settings = new Dictionary<string, string>(environment) { ["ASPNETCORE_URLS"] = "http://127.0.0.1:0" };
        var process = ServiceProcess.Start(service, settings, asAssembly: asAssembly);
        var log = new ConcurrentQueue<string>();
        string? line;
        try
        {
            do
            {
                line = await process.StandardOutput.ReadLineAsync(cancellationToken);
                log.Enqueue(line ?? throw new InvalidOperationException($"{service} has ended: {string.Join('\n', log)}"));
            }
            while (!line.Contains(Listening, StringComparison.Ordinal));
        }
        catch
        {
            process.Kill();
            process.Dispose();
            throw;
        }

        // A full pipe would stop the service.
        _ = KeepReadingAsync(process.StandardOutput, log);
        return new RunningService(process, AddressIn(line, Listening)!, log);
    }

    public async Task<bool> IsReadyAsync(CancellationToken cancellationToken)
    {
        using var answer = await Http.GetAsync(new Uri("/health/ready", UriKind.Relative), cancellationToken);
        return answer.IsSuccessStatusCode;
    }

    /// <summary>Asks it to stop, as an orchestrator does, and waits until it has.</summary>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        using var terminate = Process.Start("kill", ["-TERM", _process.Id.ToString(CultureInfo.InvariantCulture)]);
        await _process.WaitForExitAsync(cancellationToken);
    }

    private static async Task KeepReadingAsync(StreamReader output, ConcurrentQueue<string> log)
    {
        while (await output.ReadLineAsync(CancellationToken.None) is { } line)
        {
            log.Enqueue(line);
        }
    }

    /// <summary>The 41st number of proc_pid_stat(5); none when the thread has ended meanwhile.</summary>
    private static int[] SchedulingPolicyOf(string thread)
    {
        try
        {
            return [int.Parse(File.ReadAllText($"{thread}/stat").Split(')')[^1].Split(' ')[39], CultureInfo.InvariantCulture)];
        }
        catch (IOException)
        {
            return [];
        }
    }

    private static Uri? AddressIn(string line, string after) =>
        line.IndexOf(after, StringComparison.Ordinal) is >= 0 and var at ? new Uri(line[(at + after.Length)..].Trim()) : null;

    public void Dispose()
    {
        // First of all: a client that hung up would let the service end what it is doing in peace.
        _process.Kill();
        Http.Dispose();
        _process.Dispose();
    }
}
