using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace AuthPlatform.ServiceDefaults;

/// <summary>Looks at what a service needs every few seconds, for one that nobody asks: its <c>authplatform.health.status</c> would go on saying what somebody once saw.</summary>
internal sealed class HealthWatch(HealthLook look, TimeProvider clock) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(5);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, clock);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            await look.TakeAsync().WaitAsync(stoppingToken);
        }
    }
}

/// <summary>Adds <see cref="HealthWatch"/>.</summary>
public static class HealthWatchExtensions
{
    /// <summary>Keeps <c>authplatform.health.status</c> up to date where no probe asks <c>/health/ready</c>.</summary>
    public static void AddHealthWatch(this IServiceCollection services) => services.AddHostedService<HealthWatch>();
}
