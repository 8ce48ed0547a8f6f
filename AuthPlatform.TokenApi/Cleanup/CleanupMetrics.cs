using System.Diagnostics.Metrics;

namespace AuthPlatform.TokenApi.Cleanup;

/// <summary>What shows an operator that the database does not fill up.</summary>
internal sealed class CleanupMetrics
{
    private readonly Counter<long> _deleted;
    private readonly Histogram<double> _duration;
    private long _lastRound;

    public CleanupMetrics(IMeterFactory meters)
    {
        var meter = meters.Create(TokenMetrics.MeterName);
        _deleted = meter.CreateCounter<long>("authplatform.cleanup.deleted", "{row}", "Expired rows deleted, by table");
        _duration = meter.CreateHistogram<double>("authplatform.cleanup.duration", "s", "How long rounds of the clean-up took", advice: new()
        {
            HistogramBucketBoundaries = [0.1, 0.5, 1, 5, 15, 60, 300, 900],
        });
        meter.CreateObservableGauge("authplatform.cleanup.last_round", LastRound, "s", "Unix time at which this replica last finished a round; absent while another replica cleans up");
    }

    public void Deleted(string table, int rows) => _deleted.Add(rows, new KeyValuePair<string, object?>("db.collection.name", table));

    public void RoundFinished(TimeSpan duration, DateTimeOffset now)
    {
        _duration.Record(duration.TotalSeconds);
        Volatile.Write(ref _lastRound, now.ToUnixTimeSeconds());
    }

    /// <summary>Another replica cleans up now: the time of its rounds is the one to look at, and ours would only grow old.</summary>
    public void AnotherLeads() => Volatile.Write(ref _lastRound, 0);

    private IEnumerable<Measurement<long>> LastRound() => Volatile.Read(ref _lastRound) is > 0 and var time ? [new Measurement<long>(time)] : [];
}
