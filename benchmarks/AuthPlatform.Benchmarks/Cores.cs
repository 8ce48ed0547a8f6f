using System.Diagnostics;
using System.Globalization;

namespace AuthPlatform.Benchmarks;

/// <summary>Keeps what is measured and what measures apart: what a process starts inherits the cores that it has at that time.</summary>
internal static class Cores
{
    /// <summary>Restricts all threads of this process to one core, and thereby what it starts from now on.</summary>
    /// <returns>False when the machine cannot: one core, or no <c>taskset</c>.</returns>
    public static bool MoveTo(int core)
    {
        try
        {
            using var taskset = Process.Start(
                new ProcessStartInfo("taskset", ["-a", "-c", "-p", core.ToString(CultureInfo.InvariantCulture), Environment.ProcessId.ToString(CultureInfo.InvariantCulture)]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
            taskset.WaitForExit();
            return taskset.ExitCode == 0;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return false;
        }
    }
}
