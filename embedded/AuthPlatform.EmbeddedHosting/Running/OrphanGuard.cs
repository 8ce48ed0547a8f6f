using System.ComponentModel;
using System.Diagnostics;

namespace Aspire.Hosting.Running;

/// <summary>
/// Sees to it that nothing outlives a killed host. Linux: the kernel does it (<c>PR_SET_PDEATHSIG</c>, set by <c>setpriv</c>). Other Unix systems, and Linux without
/// util-linux: a shell that holds the other end of a pipe kills the processes when the pipe breaks. Windows: nothing; end left-over processes by hand there.
/// </summary>
internal static class OrphanGuard
{
    // Reads "+ 123" when process 123 was started and "- 123" when it ended; the loop ends when the host does.
    private const string WatchdogScript = """
        trap '' HUP INT TERM
        while read -r op pid; do
          case $op in
            +) pids="$pids $pid" ;;
            -) left=; for p in $pids; do [ "$p" = "$pid" ] || left="$left $p"; done; pids=$left ;;
          esac
        done
        [ -z "$pids" ] || kill -9 $pids
        """;

    /// <summary>What <c>setsid</c> does, for macOS, which has no such program but Perl.</summary>
    internal static readonly string[] PerlSession =
        ["/usr/bin/perl", "-MPOSIX=setsid", "-e", """setsid() or die "setsid: $!\n"; exec { $ARGV[0] } @ARGV or die "$ARGV[0]: $!\n";""", "--"];

    private static readonly bool KernelDoesIt = OperatingSystem.IsLinux() && Succeeds("setpriv", "--pdeathsig", "KILL", "true");
    private static readonly Lock WatchdogLock = new();
    private static StreamWriter? _watchdog;

    /// <summary>Goes in front of a command. Own session: Ctrl+C in the terminal then reaches the host alone, which stops the processes in their order.</summary>
    public static string[] NewSession { get; } =
        OperatingSystem.IsWindows() ? [] : Succeeds("setsid", "true") ? ["setsid"] : Succeeds(PerlSession[0], [.. PerlSession[1..], "true"]) ? PerlSession : [];

    public static string[] DieWithHost(Signal signal) => KernelDoesIt ? ["setpriv", "--pdeathsig", NameOf(signal)] : [];

    public static void Watch(ChildProcess child)
    {
        if (KernelDoesIt || OperatingSystem.IsWindows())
        {
            return;
        }

        Tell($"+ {child.Id}");
        child.Exited.ContinueWith(_ => Tell($"- {child.Id}"), TaskScheduler.Default);
    }

    private static string NameOf(Signal signal) => signal switch
    {
        Signal.Interrupt => "INT",
        Signal.Terminate => "TERM",
        _ => "KILL",
    };

    /// <summary>Runs a small program to see whether it is there and does what we want of it.</summary>
    public static bool Succeeds(string fileName, params string[] arguments)
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo(fileName, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
            process.WaitForExit();
            return process.ExitCode == 0;
        }
        catch (Win32Exception)
        {
            return false;
        }
    }

    private static void Tell(string line)
    {
        lock (WatchdogLock)
        {
            _watchdog ??= Process.Start(new ProcessStartInfo("/bin/sh", ["-c", WatchdogScript]) { RedirectStandardInput = true })!.StandardInput;
            _watchdog.WriteLine(line);
            _watchdog.Flush();
        }
    }
}
