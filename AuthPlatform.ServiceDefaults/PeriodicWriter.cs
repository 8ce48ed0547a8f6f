using Microsoft.Extensions.Hosting;

namespace AuthPlatform.ServiceDefaults;

/// <summary>Writes down from time to time what a service has gathered in memory, and once more at its end, after the last request.</summary>
public abstract class PeriodicWriter(TimeSpan period, TimeProvider clock) : BackgroundService
{
    /// <summary>The service's clock.</summary>
    protected TimeProvider Clock { get; } = clock;

    /// <inheritdoc/>
    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        await FlushAsync(cancellationToken);
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(period, Clock);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            await FlushAsync(stoppingToken);
        }
    }

    /// <summary>Writes down what there is. What cannot be written now is kept for the next time: an exception would stop the service.</summary>
    protected abstract Task FlushAsync(CancellationToken cancellationToken);
}
