using System.Diagnostics.Metrics;
using AuthPlatform.TokenApi.RevocationFeed;

namespace AuthPlatform.TokenApi.Sessions;

/// <summary>What shows an operator how old the knowledge of revocations is, in Redis and with those who follow the feed.</summary>
internal sealed class RevocationMetrics
{
    private readonly TimeProvider _clock;
    private readonly Histogram<double> _streamLag;
    private long _copied;
    private double _heldBack;

    public RevocationMetrics(IMeterFactory meters, TimeProvider clock)
    {
        _clock = clock;
        var meter = meters.Create(TokenMetrics.MeterName);
        meter.CreateObservableGauge("authplatform.revocations.lag", Lag, "s", "How long ago Redis was last known to have every revocation; absent while another replica copies them or Redis is out of reach");
        meter.CreateObservableGauge("authplatform.revocations.held", Held, "s", "Age of the oldest revocation that the feed holds back, because a transaction is still open that may revoke something too; absent where the lag is");
        _streamLag = meter.CreateHistogram<double>("authplatform.revocations.stream.lag", "s", "Time from a revocation until a stream of revocations told of it", advice: new()
        {
            HistogramBucketBoundaries = [0.25, 0.5, 1, 1.5, 2, 3, 5, 10, 30, 60, 300],
        });
    }

    /// <summary>This replica copies, whether or not it has succeeded yet.</summary>
    public void Copies() => Interlocked.CompareExchange(ref _copied, _clock.GetTimestamp(), 0);

    /// <summary>A round that began at this timestamp has copied everything.</summary>
    public void Copied(long began) => Volatile.Write(ref _copied, began);

    /// <summary>The lag is another replica's to tell.</summary>
    public void AnotherCopies() => Volatile.Write(ref _copied, 0);

    /// <summary>How old the oldest revocation is that the feed does not give yet; zero when it gives all.</summary>
    public void HeldBack(TimeSpan age) => Volatile.Write(ref _heldBack, age.TotalSeconds);

    public void Streamed(IReadOnlyList<FeedEntry> entries)
    {
        foreach (var entry in entries)
        {
            _streamLag.Record((_clock.GetUtcNow() - entry.RevokedAt).TotalSeconds);
        }
    }

    private IEnumerable<Measurement<double>> Held() => Volatile.Read(ref _copied) is not 0 ? [new(Volatile.Read(ref _heldBack))] : [];

    private IEnumerable<Measurement<double>> Lag() => Volatile.Read(ref _copied) is not 0 and var copied ? [new(_clock.GetElapsedTime(copied).TotalSeconds)] : [];
}
