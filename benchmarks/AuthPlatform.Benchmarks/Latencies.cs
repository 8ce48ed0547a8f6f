using System.Diagnostics;
using System.Globalization;

namespace AuthPlatform.Benchmarks;

/// <summary>How long calls took.</summary>
internal sealed class Latencies(IEnumerable<TimeSpan> all)
{
    private readonly TimeSpan[] _sorted = [.. all.Order()];

    public IReadOnlyList<TimeSpan> All => _sorted;

    public int Count => _sorted.Length;

    /// <param name="fraction">0 to 1.</param>
    public TimeSpan Percentile(double fraction) => _sorted[(int)Math.Min(_sorted.Length - 1, fraction * _sorted.Length)];

    /// <summary>Calls again and again in some lanes at once, until it is told to stop.</summary>
    public static async Task<Latencies> MeasureAsync(int lanes, Func<Task> call, CancellationToken until)
    {
        var measured = await Task.WhenAll(Enumerable.Range(0, lanes).Select(async _ =>
        {
            var times = new List<TimeSpan>();
            while (!until.IsCancellationRequested)
            {
                var began = Stopwatch.GetTimestamp();
                await call();
                times.Add(Stopwatch.GetElapsedTime(began));
            }

            return times;
        }));
        return new Latencies(measured.SelectMany(times => times));
    }

    public override string ToString() =>
        string.Create(CultureInfo.InvariantCulture, $"{Count} calls, p50 {Percentile(0.5).TotalMilliseconds:0.0} ms, p99 {Percentile(0.99).TotalMilliseconds:0.0} ms");
}
