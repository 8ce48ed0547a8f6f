using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace AuthPlatform.TokenApi.Requests;

/// <summary>Spans and durations of what requests ask Redis, by the conventions for database clients: the Redis client makes neither.</summary>
internal sealed class RedisCalls(IMeterFactory meters, TimeProvider clock)
{
    private static readonly ActivitySource Tracing = new(TokenMetrics.MeterName);

    private readonly Histogram<double> _duration = meters.Create(TokenMetrics.MeterName).CreateHistogram<double>(
        "db.client.operation.duration", "s", "Duration of database client operations.", advice: new() { HistogramBucketBoundaries = [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10] });

    /// <summary>A command begins; it ends when what is returned is disposed of, answered or not.</summary>
    public Call Begin(string command, string spanName)
    {
        var span = Tracing.StartActivity(spanName, ActivityKind.Client);
        span?.SetTag("db.system.name", "redis");
        return new Call(this, command, span, _duration.Enabled ? clock.GetTimestamp() : null);
    }

    internal readonly struct Call(RedisCalls calls, string command, Activity? span, long? began) : IDisposable
    {
        /// <summary>Measured within the span, so that the measurement can name its trace.</summary>
        public void Dispose()
        {
            if (began is { } since)
            {
                calls._duration.Record(calls.ElapsedSeconds(since), new("db.system.name", "redis"), new("db.operation.name", command));
            }

            span?.Dispose();
        }
    }

    private double ElapsedSeconds(long since) => clock.GetElapsedTime(since).TotalSeconds;
}
