using System.Diagnostics.Metrics;
using AuthPlatform.TokenApi.Sessions;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace AuthPlatform.UnitTests.Sessions;

/// <summary>An alarm looks at the largest lag of all replicas: it must grow while copying fails, and vanish from a replica that does not copy.</summary>
public sealed class RevocationMetricsTests : IDisposable
{
    private readonly FakeTimeProvider _clock = new();
    private readonly ServiceProvider _services = new ServiceCollection().AddMetrics().BuildServiceProvider();
    private readonly MeterListener _listener = new();
    private readonly List<double> _observed = [];
    private readonly RevocationMetrics _metrics;

    public RevocationMetricsTests()
    {
        var meters = _services.GetRequiredService<IMeterFactory>();
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Name == "authplatform.revocations.lag" && instrument.Meter.Scope == meters)
            {
                listener.EnableMeasurementEvents(instrument);
            }
        };
        _listener.SetMeasurementEventCallback<double>((_, value, _, _) => _observed.Add(value));
        _listener.Start();
        _metrics = new RevocationMetrics(meters, _clock);
    }

    public void Dispose()
    {
        _listener.Dispose();
        _services.Dispose();
    }

    [Fact]
    public void Lag_OfTheReplicaThatCopies_GrowsUntilARoundSucceeds()
    {
        _metrics.Copies();
        _clock.Advance(TimeSpan.FromSeconds(4));
        _metrics.Copies();
        Assert.Equal([4], Observe());

        var began = _clock.GetTimestamp();
        _clock.Advance(TimeSpan.FromSeconds(1));
        _metrics.Copied(began);
        Assert.Equal([1], Observe());
    }

    [Fact]
    public void Lag_WhileAnotherReplicaCopies_IsNotShown()
    {
        Assert.Empty(Observe());
        _metrics.Copies();
        _metrics.AnotherCopies();
        Assert.Empty(Observe());
    }

    private List<double> Observe()
    {
        _observed.Clear();
        _listener.RecordObservableInstruments();
        return _observed;
    }
}
