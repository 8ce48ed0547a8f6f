using System.Diagnostics.Metrics;
using System.Threading.Channels;
using AuthPlatform.ServiceDefaults;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Time.Testing;

namespace AuthPlatform.UnitTests.ServiceDefaults;

/// <summary>What <c>authplatform.health.status</c> says of a check that takes its time.</summary>
public sealed class HealthLookTests : IDisposable
{
    private readonly FakeTimeProvider _clock = new();
    private readonly Channel<TaskCompletionSource<HealthCheckResult>> _begun = Channel.CreateUnbounded<TaskCompletionSource<HealthCheckResult>>();
    private readonly List<int> _told = [];
    private readonly MeterListener _listener = new();
    private readonly ServiceProvider _services;
    private readonly HealthLook _look;

    public HealthLookTests()
    {
        var services = new ServiceCollection();
        services.AddLogging().AddMetrics().AddSingleton<TimeProvider>(_clock).AddSingleton<HealthMetrics>().AddSingleton<HealthLook>();
        services.AddHealthChecks().AddAsyncCheck("slow", CheckAsync);
        _services = services.BuildServiceProvider();
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Name == "authplatform.health.status" && ReferenceEquals(instrument.Meter.Scope, _services.GetRequiredService<IMeterFactory>()))
            {
                listener.EnableMeasurementEvents(instrument);
            }
        };
        _listener.SetMeasurementEventCallback<int>((_, value, _, _) => _told.Add(value));
        _listener.Start();
        _look = _services.GetRequiredService<HealthLook>();
    }

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _listener.Dispose();
        _services.Dispose();
    }

    [Fact]
    public async Task Status_OfACheckThatTakesLongerThanWhoeverAskedHasPatience_SaysThatItFailed()
    {
        using var patience = new CancellationTokenSource();
        var asking = _look.TakeAsync().WaitAsync(patience.Token);
        var check = await _begun.Reader.ReadAsync(Cancellation);
        await patience.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => asking);

        check.SetResult(HealthCheckResult.Unhealthy());

        // Time stands still: it is the same look.
        Assert.Equal(HealthStatus.Unhealthy, (await _look.TakeAsync()).Status);
        Assert.Equal([0], _told);
    }

    [Fact]
    public async Task Status_AfterALookThatHungWhileALaterOneEnded_IsThatOfTheLaterOne()
    {
        var hanging = _look.TakeAsync();
        var hung = await _begun.Reader.ReadAsync(Cancellation);
        _clock.Advance(TimeSpan.FromSeconds(2));
        var later = _look.TakeAsync();
        (await _begun.Reader.ReadAsync(Cancellation)).SetResult(HealthCheckResult.Healthy());
        await later;

        hung.SetResult(HealthCheckResult.Unhealthy());

        Assert.Equal(HealthStatus.Unhealthy, (await hanging).Status);
        Assert.Equal([1], _told);
    }

    private Task<HealthCheckResult> CheckAsync()
    {
        var result = new TaskCompletionSource<HealthCheckResult>(TaskCreationOptions.RunContinuationsAsynchronously);
        _begun.Writer.TryWrite(result);
        return result.Task;
    }
}
