using System.Diagnostics.Metrics;
using AuthPlatform.KeyManager;
using AuthPlatform.KeyManager.Keys;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace AuthPlatform.UnitTests.KeyManager;

/// <summary>A Key Manager stays ready whatever its clock says, but rotates nothing by a wrong one: operators have to see that.</summary>
public sealed class ClockOffsetTests
{
    [Fact]
    public void Offset_OfAKeyManager_IsShownOnceItsDatabaseHasAnswered()
    {
        var machine = new FakeTimeProvider();
        var registrations = new ServiceCollection();
        registrations.AddMetrics().AddSingleton<TimeProvider>(machine).AddKeyStore();
        using var services = registrations.BuildServiceProvider();
        var (clock, meters, shown) = (services.GetRequiredService<DatabaseClock>(), services.GetRequiredService<IMeterFactory>(), new List<double>());
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, listening) =>
            {
                if (instrument.Name == "authplatform.clock.offset" && ReferenceEquals(instrument.Meter.Scope, meters))
                {
                    listening.EnableMeasurementEvents(instrument);
                }
            },
        };
        listener.SetMeasurementEventCallback<double>((_, value, _, _) => shown.Add(value));
        listener.Start();
        listener.RecordObservableInstruments();
        Assert.Empty(shown);

        clock.Learn(machine.GetUtcNow().AddSeconds(-20), clock.GetTimestamp());
        listener.RecordObservableInstruments();

        Assert.Equal([20.0], shown);
    }
}
