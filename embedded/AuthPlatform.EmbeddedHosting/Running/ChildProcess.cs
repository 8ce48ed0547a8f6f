using System.ComponentModel;
using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Aspire.Hosting.Running;

/// <summary>A process of ours: its output is read line by line, and it does not outlive the host.</summary>
internal sealed class ChildProcess
{
    private const int CtrlBreak = 1;

    // Meant for the host itself; parameters may be secrets, and its own addresses would be taken for the child's.
    private static readonly string[] NotInherited = ["Parameters__", "ASPIRE_", "ASPNETCORE_URLS", "DOTNET_LAUNCH_PROFILE"];

    private readonly Process _process;
    private readonly ProcessSpec _spec;

    private ChildProcess(Process process, ProcessSpec spec, Action<string, bool> output)
    {
        _process = process;
        _spec = spec;
        Id = process.Id;
        Exited = RunAsync(output);
    }

    public int Id { get; }

    /// <summary>The exit code; 128 and the signal's number when a signal ended it.</summary>
    public Task<int> Exited { get; }

    /// <param name="spec">The process.</param>
    /// <param name="output">Takes each line it writes and whether that tells of an error.</param>
    public static async Task<ChildProcess> StartAsync(ProcessSpec spec, Action<string, bool> output)
    {
        string[] command =
            [.. OrphanGuard.NewSession, .. spec.RefusesRoot ? RootPrivileges.Drop : [], .. OrphanGuard.DieWithHost(spec.OrphanSignal), spec.FileName, .. spec.Arguments];
        // Standard input is redirected too, or the terminal would be handed to the child.
        var start = new ProcessStartInfo(command[0], command[1..])
        {
            WorkingDirectory = spec.WorkingDirectory,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        if (OperatingSystem.IsWindows())
        {
            // The same as a new session elsewhere: Ctrl+C does not reach it.
            start.CreateNewProcessGroup = true;
        }

        foreach (var name in start.Environment.Keys.Where(name => NotInherited.Any(prefix => name.StartsWith(prefix, StringComparison.OrdinalIgnoreCase))).ToList())
        {
            start.Environment.Remove(name);
        }

        ProxyVariables.SpareThisMachine(start.Environment);
        foreach (var (name, value) in spec.Environment)
        {
            start.Environment[name] = value;
        }

        try
        {
            var child = new ChildProcess(await ProcessStarter.StartAsync(start), spec, output);
            OrphanGuard.Watch(child);
            return child;
        }
        catch (Win32Exception exception)
        {
            throw new DistributedApplicationException($"{spec.FileName} cannot be started: {exception.Message}.", exception);
        }
    }

    /// <summary>Asks the process to end; kills it and its children when <paramref name="patience"/> is over.</summary>
    public async Task StopAsync(CancellationToken patience)
    {
        if (Exited.IsCompleted)
        {
            return; // its id may be another process's by now
        }

        if (OperatingSystem.IsWindows())
        {
            // There is no SIGTERM; Ctrl+Break, which .NET knows as SIGQUIT, takes its place, unless the host has no console.
            if (!GenerateConsoleCtrlEvent(CtrlBreak, Id))
            {
                _process.Kill(entireProcessTree: true);
            }
        }
        else
        {
            _ = Kill(Id, (int)_spec.StopSignal);
        }

        try
        {
            await Exited.WaitAsync(patience);
        }
        catch (OperationCanceledException)
        {
            if (!OperatingSystem.IsWindows())
            {
                _ = Kill(-Id, (int)Signal.Kill); // it leads its own process group
            }

            _process.Kill(entireProcessTree: true);
            await Exited;
        }
    }

    private async Task<int> RunAsync(Action<string, bool> output)
    {
        _process.StandardInput.Close();
        var readers = Task.WhenAll(
            ReadAsync(_process.StandardOutput, line => output(line, false)),
            ReadAsync(_process.StandardError, line => output(line, !_spec.LogsToStandardError)));
        await _process.WaitForExitAsync();
        // Its last words; a grandchild that holds the pipe open must not hold us up.
        await Task.WhenAny(readers, Task.Delay(TimeSpan.FromSeconds(1), TimeProvider.System));
        return _process.ExitCode;
    }

    private static async Task ReadAsync(StreamReader reader, Action<string> output)
    {
        while (await reader.ReadLineAsync() is { } line)
        {
            output(line);
        }
    }

    [DllImport("kernel32.dll")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    [return: MarshalAs(UnmanagedType.Bool)]
    private static extern bool GenerateConsoleCtrlEvent(int controlEvent, int processGroupId);

    [DllImport("libc", EntryPoint = "kill")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static extern int Kill(int processId, int signal);
}
