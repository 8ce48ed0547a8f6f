using System.Globalization;

namespace AuthPlatform.LoadGenerator;

/// <summary>What one measurement saw.</summary>
/// <param name="Operations">Those that succeeded.</param>
/// <param name="Took">From the first to the last answer.</param>
/// <param name="P50">Milliseconds that those took, as the others.</param>
/// <param name="P90">Milliseconds.</param>
/// <param name="P99">Milliseconds.</param>
/// <param name="P999">Milliseconds.</param>
/// <param name="Max">Milliseconds.</param>
/// <param name="Errors">How many of each kind.</param>
internal sealed record LoadResult(
    int Operations, TimeSpan Took, double P50, double P90, double P99, double P999, double Max, IReadOnlyDictionary<string, int> Errors)
{
    public double PerSecond => Operations / Took.TotalSeconds;

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Operations} operations, p50 {P50:0.0} ms, p99 {P99:0.0} ms, {Errors.Values.Sum()} errors");
}
