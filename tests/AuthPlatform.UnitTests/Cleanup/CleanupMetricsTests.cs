using System.Diagnostics.Metrics;
using AuthPlatform.TokenApi.Cleanup;
using Microsoft.Extensions.DependencyInjection;

namespace AuthPlatform.UnitTests.Cleanup;

public sealed class CleanupMetricsTests : IDisposable
{
    private static readonly DateTimeOffset Now = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    private readonly ServiceProvider _services = new ServiceCollection().AddMetrics().BuildServiceProvider();
    private readonly MeterListener _listener = new();
    private readonly List<long> _observed = [];

    public CleanupMetricsTests()
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Name == "authplatform.cleanup.last_round" && instrument.Meter.Scope == _services.GetRequiredService<IMeterFactory>())
            {
                listener.EnableMeasurementEvents(instrument);
            }
        };
        _listener.SetMeasurementEventCallback<long>((_, value, _, _) => _observed.Add(value));
        _listener.Start();
    }

    public void Dispose()
    {
        _listener.Dispose();
        _services.Dispose();
    }

    /// <summary>An alarm looks at the newest of all replicas: one that lost the lead must not show its last round for ever.</summary>
    [Fact]
    public void LastRound_OfAReplicaThatDoesNotLead_IsNotShown()
    {
        var metrics = new CleanupMetrics(_services.GetRequiredService<IMeterFactory>());
        Assert.Empty(Observe());

        metrics.RoundFinished(TimeSpan.FromSeconds(1), Now);
        Assert.Equal([Now.ToUnixTimeSeconds()], Observe());

        metrics.AnotherLeads();
        Assert.Empty(Observe());

        metrics.RoundFinished(TimeSpan.FromSeconds(1), Now.AddMinutes(1));
        Assert.Equal([Now.AddMinutes(1).ToUnixTimeSeconds()], Observe());
    }

    private List<long> Observe()
    {
        _observed.Clear();
        _listener.RecordObservableInstruments();
        return _observed;
    }
}
