using System.Diagnostics.Metrics;
using AuthPlatform.KeyManager.Keys;
using AuthPlatform.ServiceDefaults;

namespace AuthPlatform.KeyManager;

/// <summary>What the Key Manager counts. Labels are few and fixed: no client id, no kid.</summary>
internal sealed class KeyMetrics
{
    public const string MeterName = "AuthPlatform.KeyManager";

    private readonly DatabaseClock _clock;
    private readonly Counter<long> _signatures;
    private readonly Histogram<double> _duration;
    private readonly RareCounter _decryptFailures;
    private readonly Counter<long> _rotations;
    private readonly Meter _meter;
    private DateTimeOffset? _oldestActivation;
    private DateTimeOffset? _nextRotation;

    public KeyMetrics(IMeterFactory meters, DatabaseClock clock)
    {
        _clock = clock;
        var meter = _meter = meters.Create(MeterName);
        _signatures = meter.CreateCounter<long>("authplatform.keys.signatures", "{signature}", "Tokens signed, by header type");
        _duration = meter.CreateHistogram<double>("authplatform.keys.sign.duration", "s", "Time of one signature without reading and writing", advice: new()
        {
            HistogramBucketBoundaries = [0.0002, 0.0005, 0.001, 0.002, 0.005, 0.01, 0.05, 0.25, 1],
        });
        _decryptFailures = new RareCounter(meter, "authplatform.keys.decrypt.failures", "{key}", "Private keys that could not be decrypted");
        _rotations = meter.CreateCounter<long>("authplatform.keys.rotations", "{rotation}", "Keys that took over, by cause: schedule, request, revocation or registration");
        meter.CreateObservableGauge("authplatform.keys.active.age", ObserveAge, "s", "Age of the oldest active key");
        meter.CreateObservableGauge("authplatform.keys.rotation.due", ObserveDue, "s", "Time until the next rotation of any application; negative when it is overdue");
    }

    public void Signed(string type, TimeSpan duration)
    {
        _signatures.Add(1, new KeyValuePair<string, object?>("authplatform.typ", type));
        _duration.Record(duration.TotalSeconds);
    }

    public void DecryptFailed() => _decryptFailures.Add(1);

    public void Rotated(KeyChangeCause cause) => _rotations.Add(1, new KeyValuePair<string, object?>("authplatform.cause", cause switch
    {
        KeyChangeCause.Schedule => "schedule",
        KeyChangeCause.Request => "request",
        KeyChangeCause.Revocation => "revocation",
        _ => "registration",
    }));

    public void RingChanged(DateTimeOffset? oldestActivation, DateTimeOffset? nextRotation) => (_oldestActivation, _nextRotation) = (oldestActivation, nextRotation);

    public void ObserveReadyKeys(Func<int> count) => _meter.CreateObservableGauge("authplatform.keys.ready", count, "{key}", "Key pairs made in advance");

    private IEnumerable<Measurement<double>> ObserveAge() => _oldestActivation is { } since ? [new((_clock.GetUtcNow() - since).TotalSeconds)] : [];

    private IEnumerable<Measurement<double>> ObserveDue() => _nextRotation is { } due ? [new((due - _clock.GetUtcNow()).TotalSeconds)] : [];
}
