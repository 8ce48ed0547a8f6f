using System.Diagnostics;
using System.Globalization;

namespace AuthPlatform.Benchmarks;

/// <summary>Keeps what is measured and what measures apart: what a process starts inherits the cores that it has at that time.</summary>
internal static class Cores
{
    /// <summary>Restricts all threads of this process to some cores, and thereby what it starts from now on.</summary>
    /// <param name="cores">As <c>taskset</c> takes them: <c>0</c>, <c>0,1</c>, <c>2-7</c>.</param>
    /// <returns>False when the machine cannot: no such core, or no <c>taskset</c>.</returns>
    public static bool MoveTo(string cores)
    {
        try
        {
            using var taskset = Process.Start(
                new ProcessStartInfo("taskset", ["-a", "-c", "-p", cores, Environment.ProcessId.ToString(CultureInfo.InvariantCulture)]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
            taskset.WaitForExit();
            return taskset.ExitCode == 0;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return false;
        }
    }
}
