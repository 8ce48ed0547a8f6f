using Microsoft.Extensions.Diagnostics.HealthChecks;
using Npgsql;

namespace AuthPlatform.TokenApi;

/// <summary>
/// A Token API whose clock is far from that of the database is not ready: its tokens would be refused elsewhere, and its requests judged by the wrong time. The database's
/// clock is the one that all replicas can see.
/// </summary>
internal sealed partial class ClockCheck(Func<CancellationToken, Task<DateTimeOffset>> readDatabaseTime, TimeProvider clock, ILogger<ClockCheck> logger) : IHealthCheck
{
    /// <summary>Half of what the verification of tokens allows by default: two machines that are off in opposite directions still agree.</summary>
    public static readonly TimeSpan Limit = TimeSpan.FromSeconds(15);

    private volatile bool _isOff;
    private double _offset = double.NaN;

    /// <summary>Seconds by which this machine's clock was ahead of the database's when it was last compared; null before that.</summary>
    public double? Offset
    {
        get
        {
            var offset = Volatile.Read(ref _offset);
            return double.IsNaN(offset) ? null : offset;
        }
    }

    public static void AddTo(IServiceCollection services)
    {
        services.AddSingleton(provider =>
        {
            var check = new ClockCheck(
                cancellation => ReadAsync(provider.GetRequiredService<NpgsqlDataSource>(), cancellation), provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<ILogger<ClockCheck>>());
            provider.GetRequiredService<TokenMetrics>().ObserveClock(() => check.Offset);
            return check;
        });
        services.AddHealthChecks().AddCheck<ClockCheck>("clock");
    }

    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        var before = clock.GetUtcNow();
        var there = await readDatabaseTime(cancellationToken);
        var after = clock.GetUtcNow();
        // Whatever was read while the question was under way is right.
        var ahead = there < before ? before - there : there > after ? after - there : TimeSpan.Zero;
        Volatile.Write(ref _offset, ahead.TotalSeconds);
        var isOff = ahead.Duration() > Limit;
        if (isOff != _isOff)
        {
            _isOff = isOff;
            if (isOff)
            {
                Log.Off(logger, ahead.Duration().TotalSeconds);
            }
            else
            {
                Log.Right(logger);
            }
        }

        return isOff ? HealthCheckResult.Unhealthy("The clock is off") : HealthCheckResult.Healthy();
    }

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
