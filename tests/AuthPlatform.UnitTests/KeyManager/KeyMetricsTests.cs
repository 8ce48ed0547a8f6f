using System.Diagnostics.Metrics;
using AuthPlatform.KeyManager;
using AuthPlatform.KeyManager.Keys;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace AuthPlatform.UnitTests.KeyManager;

/// <summary>What operators see of keys, under the names and units of docs/telemetry.md.</summary>
public sealed class KeyMetricsTests : IDisposable
{
    private readonly FakeTimeProvider _clock = new();
    private readonly ServiceProvider _services = new ServiceCollection().AddMetrics().BuildServiceProvider();
    private readonly MeterListener _listener = new();
    private readonly Dictionary<string, (string? Unit, List<double> Values, List<string> Tags)> _seen = [];
    private readonly KeyMetrics _metrics;

    public KeyMetricsTests()
    {
        var meters = _services.GetRequiredService<IMeterFactory>();
        _metrics = new KeyMetrics(meters, new DatabaseClock(_clock));
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (ReferenceEquals(instrument.Meter.Scope, meters))
            {
                listener.EnableMeasurementEvents(instrument);
            }
        };
        _listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => See(instrument, value, tags));
        _listener.SetMeasurementEventCallback<int>((instrument, value, tags, _) => See(instrument, value, tags));
        _listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => See(instrument, value, tags));
        _listener.Start();
    }

    public void Dispose()
    {
        _listener.Dispose();
        _services.Dispose();
    }

    [Fact]
    public void Ring_AsTimePasses_TellsTheAgeOfItsKeysAndWhenTheNextOneIsDue()
    {
        _listener.RecordObservableInstruments();
        AssertSeen("authplatform.keys.decrypt.failures", "{key}", 0);
        Assert.Single(_seen);

        _metrics.RingChanged(_clock.GetUtcNow().AddDays(-2), _clock.GetUtcNow().AddHours(1));
        _clock.Advance(TimeSpan.FromHours(2));
        _listener.RecordObservableInstruments();

        AssertSeen("authplatform.keys.active.age", "s", 2 * 86_400 + 7200);
        AssertSeen("authplatform.keys.rotation.due", "s", -3600);
    }

    [Fact]
    public void Work_OfTheKeyManager_IsCountedAndTimed()
    {
        _metrics.Signed("at+jwt", TimeSpan.FromMilliseconds(1.5));
        _metrics.DecryptFailed();
        _metrics.Rotated(KeyChangeCause.Schedule);
        _metrics.ObserveReadyKeys(() => 2);
        _listener.RecordObservableInstruments();

        AssertSeen("authplatform.keys.signatures", "{signature}", 1, "authplatform.typ=at+jwt");
        AssertSeen("authplatform.keys.sign.duration", "s", 0.0015);
        AssertSeen("authplatform.keys.decrypt.failures", "{key}", 1);
        AssertSeen("authplatform.keys.rotations", "{rotation}", 1, "authplatform.cause=schedule");
        AssertSeen("authplatform.keys.ready", "{key}", 2);
    }

    private void See(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        if (!_seen.TryGetValue(instrument.Name, out var seen))
        {
            _seen[instrument.Name] = seen = (instrument.Unit, [], []);
        }

        seen.Values.Add(value);
        foreach (var (name, text) in tags)
        {
            seen.Tags.Add($"{name}={text}");
        }
    }

    private void AssertSeen(string name, string unit, double value, params string[] tags)
    {
        var seen = _seen[name];
        Assert.Equal(unit, seen.Unit);
        Assert.Equal(value, Assert.Single(seen.Values));
        Assert.Equal(tags, seen.Tags);
    }
}
