using System.Diagnostics;

namespace AuthPlatform.TokenApi;

/// <summary>The spans of those who wait for a <see cref="Batcher{TItem, TResult}"/>.</summary>
internal static class BatchSpans
{
    private static readonly ActivitySource Tracing = new(TokenMetrics.MeterName);

    /// <summary>Somebody receives them, the trace is kept, and its present span is not that of a client: such a one is around the wait already.</summary>
    public static bool AreWanted => Tracing.HasListeners() && Activity.Current is { Recorded: true, Kind: not ActivityKind.Client };

    public static Activity? Start() => Tracing.StartActivity("batch");
}
