using System.Runtime.InteropServices;

namespace AuthPlatform.LoadGenerator;

/// <summary>
/// Sleeps for less than the timer's grain of a millisecond where the system can. Passing that time by letting others run keeps a core busy, and on the only core of a
/// generator each answer then waits for the end of a time slice, which shows as the latency of what is measured.
/// </summary>
internal static class ShortSleep
{
    /// <summary>Blocks the thread.</summary>
    /// <param name="time">How long: at least that, and on Linux some fifty microseconds more; at most a second.</param>
    /// <param name="until">Ends a sleep of milliseconds early.</param>
    public static void For(TimeSpan time, CancellationToken until)
    {
        if (OperatingSystem.IsLinux())
        {
            // One that a signal ends early is one that sleeps again.
            _ = NanoSleep(new TimeSpec(0, (nint)Math.Min(time.TotalNanoseconds, 999_999_999)), 0);
        }
        else
        {
            until.WaitHandle.WaitOne(TimeSpan.FromMilliseconds(Math.Ceiling(time.TotalMilliseconds)));
        }
    }

    [DllImport("libc", EntryPoint = "nanosleep")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static extern int NanoSleep(in TimeSpec wanted, nint left);

    [StructLayout(LayoutKind.Sequential)]
    private readonly struct TimeSpec(nint seconds, nint nanoseconds)
    {
        public readonly nint Seconds = seconds;
        public readonly nint Nanoseconds = nanoseconds;
    }
}
