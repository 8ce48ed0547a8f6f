using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace AuthPlatform.ServiceDefaults;

/// <summary>
/// A service whose clock is far from that of the database is not ready: its tokens would be refused elsewhere, what it ends would end at the wrong time, and its requests be
/// judged by it. The database's clock is the one that all replicas can see.
/// </summary>
public sealed partial class ClockCheck : IHealthCheck
{
    /// <summary>Half of what the verification of tokens allows by default: two machines that are off in opposite directions still agree.</summary>
    public static readonly TimeSpan Limit = TimeSpan.FromSeconds(15);

    private readonly Func<CancellationToken, Task<DateTimeOffset>> _readDatabaseTime;
    private readonly TimeProvider _clock;
    private readonly ILogger<ClockCheck> _logger;
    private volatile bool _isOff;
    private double _offset = double.NaN;

    internal ClockCheck(Func<CancellationToken, Task<DateTimeOffset>> readDatabaseTime, TimeProvider clock, ILogger<ClockCheck> logger) =>
        (_readDatabaseTime, _clock, _logger) = (readDatabaseTime, clock, logger);

    /// <summary>Adds it for the one database of this service.</summary>
    public static void AddTo(IServiceCollection services)
    {
        services.AddSingleton(provider =>
        {
            var check = new ClockCheck(
                cancellation => ReadAsync(provider.GetRequiredService<NpgsqlDataSource>(), cancellation), provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<ILogger<ClockCheck>>());
            Show(provider.GetRequiredService<IMeterFactory>(), () => check.Offset);
            return check;
        });
        services.AddHealthChecks().AddCheck<ClockCheck>("clock");
    }

    /// <summary>Shows operators how many seconds the clock of this machine is ahead of the database's; nothing while that is not known.</summary>
    public static void Show(IMeterFactory meters, Func<double?> offset)
    {
        meters.Create(HealthMetrics.MeterName).CreateObservableGauge<double>("authplatform.clock.offset", Offsets, "s", "How far the clock of this machine is ahead of the database's");

        IEnumerable<Measurement<double>> Offsets() => offset() is { } seconds ? [new(seconds)] : [];
    }

    /// <inheritdoc/>
    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        var before = _clock.GetUtcNow();
        var there = await _readDatabaseTime(cancellationToken);
        var after = _clock.GetUtcNow();
        // Whatever was read while the question was under way is right.
        var ahead = there < before ? before - there : there > after ? after - there : TimeSpan.Zero;
        Volatile.Write(ref _offset, ahead.TotalSeconds);
        var isOff = ahead.Duration() > Limit;
        if (isOff != _isOff)
        {
            _isOff = isOff;
            if (isOff)
            {
                Log.Off(_logger, ahead.Duration().TotalSeconds);
            }
            else
            {
                Log.Right(_logger);
            }
        }

        return isOff ? HealthCheckResult.Unhealthy("The clock is off") : HealthCheckResult.Healthy();
    }

    /// <summary>Null before the first comparison.</summary>
    private double? Offset => Volatile.Read(ref _offset) is var offset && double.IsNaN(offset) ? null : offset;

    private static async Task<DateTimeOffset> ReadAsync(NpgsqlDataSource database, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand("SELECT clock_timestamp()");
        return (DateTime)(await command.ExecuteScalarAsync(cancellationToken))!;
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Error, "The clock of this machine is {Seconds:0} s from that of the database: this service is not ready until one of them is right")]
        public static partial void Off(ILogger logger, double seconds);

        [LoggerMessage(2, LogLevel.Information, "The clock of this machine agrees with that of the database again")]
        public static partial void Right(ILogger logger);
    }
}
