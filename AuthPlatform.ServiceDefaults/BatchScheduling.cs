using System.Globalization;
using System.Runtime.InteropServices;
using Microsoft.Extensions.Hosting;

namespace AuthPlatform.ServiceDefaults;

/// <summary>
/// On Linux, the threads of a service do not push away each other, or another service's, when they are woken: each goes on until it waits for something, and does more in one go (SCHED_BATCH,
/// sched(7)). A request wakes a dozen threads, and on cores that are all busy each of them pushed another away. <c>Scheduling:Batch=false</c> leaves them as they are.
/// </summary>
internal static class BatchScheduling
{
    private const string Setting = "Scheduling:Batch";
    private const int BatchPolicy = 3;

    /// <summary>Of all threads that there are; those to come are like the ones that start them.</summary>
    public static void AddTo(IHostApplicationBuilder builder)
    {
        var setting = builder.Configuration[Setting];
        var isWanted = true;
        if (!string.IsNullOrEmpty(setting) && !bool.TryParse(setting, out isWanted))
        {
            builder.Refuse($"{Setting} must be true or false.");
        }

        if (!OperatingSystem.IsLinux() || !isWanted)
        {
            return;
        }

        foreach (var thread in Directory.EnumerateDirectories("/proc/self/task"))
        {
            var priority = 0;
            // Where it is not allowed, or the C library does not have it (musl), things stay as they are.
            _ = SetScheduler(int.Parse(Path.GetFileName(thread), CultureInfo.InvariantCulture), BatchPolicy, ref priority);
        }
    }

    [DllImport("libc", EntryPoint = "sched_setscheduler")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static extern int SetScheduler(int threadId, int policy, ref int priority);
}
