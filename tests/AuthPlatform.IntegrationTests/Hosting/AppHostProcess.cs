using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;

namespace AuthPlatform.IntegrationTests.Hosting;

/// <summary>The AppHost as a process of its own, as <c>dotnet run</c> starts it, with stores that vanish with it and a file of an older deployment.</summary>
internal sealed class AppHostProcess : IDisposable
{
    private readonly Process _process;
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("apphost");
    private readonly StringBuilder _output = new();
    private readonly TaskCompletionSource _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public AppHostProcess(int gatewayPort)
    {
        SettingsFile = Path.Combine(_folder.FullName, "operator.json");
        File.WriteAllText(Path.Combine(_folder.FullName, ".env.old"), "APP_NAME=Login\nLOGGING_LEVEL=WARNING\n");
        var start = new ProcessStartInfo("dotnet", [typeof(Projects.AuthPlatform_AppHost).Assembly.Location]) { WorkingDirectory = _folder.FullName, RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["DOTNET_ENVIRONMENT"] = "Development";
        start.Environment["Stores__Keep"] = "false";
        start.Environment["Operator__SettingsFile"] = SettingsFile;
        start.Environment["ENVIRONMENT"] = "old";
        start.Environment["ASPIRE_RESOURCE_SERVICE_ENDPOINT_URL"] = string.Create(CultureInfo.InvariantCulture, $"http://localhost:{ResourceServicePort}");
        start.Environment["Gateway__Port"] = gatewayPort.ToString(CultureInfo.InvariantCulture);
        string[] secrets =
        [
            "bootstrap_client_secret", "postgres_password", "token_api_database_password", "admin_web_database_password", "key_manager_database_password", "redis_password", "encryption_key",
            "internal_secret",
        ];
        foreach (var name in secrets)
        {
            start.Environment["Parameters__" + name] = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(24));
        }

        _process = new Process { StartInfo = start };
        _process.OutputDataReceived += (_, line) => Read(line.Data);
        _process.ErrorDataReceived += (_, line) => Read(line.Data);
        _process.Start();
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    /// <summary>Where it leaves what the command line needs.</summary>
    public string SettingsFile { get; }

    /// <summary>Where the dashboard asks it for resources.</summary>
    public int ResourceServicePort { get; } = FreePort();

    public int ExitCode => _process.ExitCode;

    public string Output
    {
        get
        {
            lock (_output)
            {
                return _output.ToString();
            }
        }
    }

    /// <summary>However long that takes on a crowded machine: only an end before it is a failure.</summary>
    public async Task ReadyAsync(CancellationToken cancellationToken)
    {
        if (await Task.WhenAny(_ready.Task, _process.WaitForExitAsync(cancellationToken)) != _ready.Task)
        {
            throw new InvalidOperationException($"The AppHost has ended: {Output}");
        }
    }

    public Task ExitAsync(TimeSpan limit, CancellationToken cancellationToken) => _process.WaitForExitAsync(cancellationToken).WaitAsync(limit, TimeProvider.System, cancellationToken);

    /// <summary>As an operator or a supervisor ends it.</summary>
    public void Terminate()
    {
        using var kill = Process.Start("kill", ["-TERM", _process.Id.ToString(CultureInfo.InvariantCulture)]);
        kill.WaitForExit();
    }

    /// <summary>As nothing can be done about it.</summary>
    public void Kill() => _process.Kill();

    /// <summary>The processes below it, however deep.</summary>
    public IReadOnlyList<Process> Descendants()
    {
        var parents = Process.GetProcesses().Select(p => (Process: p, Parent: ParentOf(p.Id))).ToList();
        var found = new List<Process>();
        var open = new Queue<int>([_process.Id]);
        while (open.TryDequeue(out var parent))
        {
            foreach (var (child, _) in parents.Where(p => p.Parent == parent))
            {
                found.Add(child);
                open.Enqueue(child.Id);
            }
        }

        return found;
    }

    public void Dispose()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
        }

        _process.Dispose();
        _folder.Delete(recursive: true);
    }

    /// <summary>
    /// Below the range from which systems take the local ports of outgoing connections, and below the one that AppHosts take theirs from: any of those could take it before this AppHost
    /// does.
    /// </summary>
    public static int FreePort()
    {
        while (true)
        {
            var port = RandomNumberGenerator.GetInt32(10_000, 20_000);
            using var listener = TcpListener.Create(port);
            try
            {
                listener.Start();
                return port;
            }
            catch (SocketException)
            {
                // Somebody listens there.
            }
        }
    }

    /// <summary>The variables that a process was started with, each as <c>NAME=value</c>; none when it has ended.</summary>
    public static string[] EnvironmentOf(Process process)
    {
        try
        {
            return File.ReadAllText($"/proc/{process.Id}/environ").Split('\0');
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }

    private static int ParentOf(int id)
    {
        try
        {
            // pid (name) state ppid: the name may hold spaces and brackets.
            var stat = File.ReadAllText($"/proc/{id}/stat");
            return int.Parse(stat[(stat.LastIndexOf(')') + 2)..].Split(' ')[1], CultureInfo.InvariantCulture);
        }
        catch (IOException)
        {
            return 0;
        }
    }

    private void Read(string? line)
    {
        lock (_output)
        {
            _output.AppendLine(line);
        }

        if (line?.Contains("Its secret:", StringComparison.Ordinal) == true)
        {
            _ready.TrySetResult();
        }
    }
}
