using System.Diagnostics.Metrics;

namespace AuthPlatform.ServiceDefaults;

/// <summary>
/// Counts what hardly ever happens, and is exported from the start on, as 0. An ordinary counter appears with its first event, as 1 out of nowhere, which no alert
/// can tell from a counter that has always been there.
/// </summary>
public sealed class RareCounter
{
    private long _count;

    /// <summary>Makes the counter.</summary>
    public RareCounter(Meter meter, string name, string unit, string description)
    {
        ArgumentNullException.ThrowIfNull(meter);
        meter.CreateObservableCounter(name, () => Volatile.Read(ref _count), unit, description);
    }

    /// <summary>Counts events.</summary>
    public void Add(long events) => Interlocked.Add(ref _count, events);
}
