using System.Diagnostics;

namespace AuthPlatform.Benchmarks;

/// <summary>
/// What a core is not there for: a loop that does nothing but read the clock finds it away while the kernel, or the host of a virtual machine, has other things to do. Whatever
/// arrives in such a pause waits for its end, and what waits behind it for longer.
/// </summary>
/// <param name="Share">Of the time, 0 to 1.</param>
/// <param name="PerSecond">Pauses of a millisecond or more in a second.</param>
/// <param name="LongestMilliseconds">The longest.</param>
internal sealed record CorePauses(double Share, double PerSecond, double LongestMilliseconds)
{
    private static readonly TimeSpan Time = TimeSpan.FromSeconds(10);

    /// <summary>An interrupt takes less.</summary>
    private static readonly TimeSpan Least = TimeSpan.FromMicroseconds(20);

    /// <summary>Of the core that this thread is on.</summary>
    public static CorePauses Measure()
    {
        var (away, longest, many) = (TimeSpan.Zero, TimeSpan.Zero, 0);
        var began = Stopwatch.GetTimestamp();
        for (var last = began; Stopwatch.GetElapsedTime(began, last) < Time;)
        {
            var now = Stopwatch.GetTimestamp();
            if (Stopwatch.GetElapsedTime(last, now) is var pause && pause > Least)
            {
                away += pause;
                longest = pause > longest ? pause : longest;
                many += pause >= TimeSpan.FromMilliseconds(1) ? 1 : 0;
            }

            last = now;
        }

        return new CorePauses(away / Time, many / Time.TotalSeconds, longest.TotalMilliseconds);
    }
}
