using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace AuthPlatform.ServiceDefaults.Stores;

/// <summary>
/// Whether the database answers, and takes writes. While a standby takes over, an address may lead to one that only reads, and connections that were made then would stay with it:
/// they are given up until one leads to a server that writes.
/// </summary>
internal sealed partial class NpgsqlHealthCheck(NpgsqlDataSource dataSource, TimeProvider clock, ILogger<NpgsqlHealthCheck> logger) : IHealthCheck
{
    /// <summary>On at a standby in any case; a primary may be told not to write either, because its disk is full, say.</summary>
    private const string IsReadOnly = "SELECT current_setting('transaction_read_only')::boolean";

    /// <summary>However often somebody asks: requests that read go on, and each new connection costs.</summary>
    private static readonly TimeSpan BetweenClears = TimeSpan.FromSeconds(1);

    private volatile bool _isReadOnly;
    private long _clearedAt;

    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        await using var command = dataSource.CreateCommand(IsReadOnly);
        var isReadOnly = await command.ExecuteScalarAsync(cancellationToken) is true;
        if (isReadOnly != _isReadOnly)
        {
            _isReadOnly = isReadOnly;
            if (isReadOnly)
            {
                Log.ReadOnly(logger);
            }
            else
            {
                Log.Writes(logger);
            }
        }

        if (!isReadOnly)
        {
            return HealthCheckResult.Healthy();
        }

        if (clock.GetElapsedTime(Volatile.Read(ref _clearedAt)) >= BetweenClears)
        {
            Volatile.Write(ref _clearedAt, clock.GetTimestamp());
            dataSource.Clear();
        }

        return HealthCheckResult.Unhealthy("The database takes no writes");
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "The database takes no writes: its address leads to a standby, or it is set to be read only. This service is not ready until it finds one that does")]
        public static partial void ReadOnly(ILogger logger);

        [LoggerMessage(2, LogLevel.Information, "The database takes writes again")]
        public static partial void Writes(ILogger logger);
    }
}
