using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;

namespace AuthPlatform.ServiceDefaults;

/// <summary>
/// A service that is told to stop says first that it is not ready, and goes on answering for <c>Shutdown:DrainSeconds</c> (0–60, default 0), so that whoever
/// distributes requests sends no more of them. Each answer then is the last one of its connection, so that none is left to be closed just when a request comes (RFC 9112,
/// section 9.6). What is under way afterwards is finished in any case.
/// </summary>
internal sealed class Drain(TimeSpan time, TimeProvider clock) : IHostedLifecycleService, IHealthCheck
{
    private const string Setting = "Shutdown:DrainSeconds";
    private const int MaxSeconds = 60;

    private volatile bool _stopping;

    public Task StoppingAsync(CancellationToken cancellationToken)
    {
        _stopping = true;
        return time == TimeSpan.Zero ? Task.CompletedTask : Task.Delay(time, clock, cancellationToken);
    }

    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(_stopping ? HealthCheckResult.Unhealthy("It is told to stop") : HealthCheckResult.Healthy());

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public static void UseIn(WebApplication app)
    {
        var drain = app.Services.GetRequiredService<Drain>();
        app.Use((context, next) =>
        {
            if (drain._stopping && HttpProtocol.IsHttp11(context.Request.Protocol))
            {
                // At the last moment: an answer that takes the place of another clears what was set for that.
                context.Response.OnStarting(
                    static response =>
                    {
                        ((HttpResponse)response).Headers.Connection = "close";
                        return Task.CompletedTask;
                    },
                    context.Response);
            }

            return next(context);
        });
    }

    public static void AddTo(IHostApplicationBuilder builder)
    {
        var setting = builder.Configuration[Setting];
        var seconds = 0;
        if (!string.IsNullOrEmpty(setting) && !(int.TryParse(setting, out seconds) && seconds is >= 0 and <= MaxSeconds))
        {
            builder.Refuse($"{Setting} must be a number from 0 to {MaxSeconds}.");
        }

        var time = TimeSpan.FromSeconds(seconds);
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout += time);
        builder.Services.AddSingleton(services => new Drain(time, services.GetRequiredService<TimeProvider>()));
        builder.Services.AddHostedService(services => services.GetRequiredService<Drain>());
        builder.Services.AddHealthChecks().AddCheck<Drain>("stopping", tags: [HealthTags.Serving]);
    }
}
