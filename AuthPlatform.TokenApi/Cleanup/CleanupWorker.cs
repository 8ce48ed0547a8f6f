using System.Data.Common;
using System.Security.Cryptography;
using AuthPlatform.TokenApi.Sessions;
using Microsoft.Extensions.Options;
using Npgsql;

namespace AuthPlatform.TokenApi.Cleanup;

/// <summary>Deletes expired rows, one replica at a time, in small batches with pauses: the database holds what lives, not history, and nobody waits for it.</summary>
internal sealed partial class CleanupWorker(
    [FromKeyedServices(TokenApiServices.Upkeep)] NpgsqlDataSource dataSource,
    Leases leases,
    CleanupMetrics metrics,
    IOptions<CleanupOptions> options,
    TimeProvider clock,
    ILogger<CleanupWorker> logger) : BackgroundService
{
    private const string LeaseName = "cleanup";

    /// <summary>Renewed with each batch; when this replica dies, another goes on after that.</summary>
    private static readonly TimeSpan LeaseDuration = TimeSpan.FromSeconds(30);

    private readonly HashSet<string> _failing = new(StringComparer.Ordinal);
    private bool _failed;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (true)
        {
            // The first wait too: replicas that start together do not begin together.
            await Task.Delay(TimeSpan.FromSeconds(options.Value.PeriodSeconds) * (0.9 + (RandomNumberGenerator.GetInt32(201) / 1000.0)), clock, stoppingToken);
            try
            {
                await RoundAsync(stoppingToken);
                _failed = false;
            }
            catch (Exception exception) when (IsOutage(exception))
            {
                if (!_failed)
                {
                    Log.Failed(logger, exception.GetBaseException().Message);
                    _failed = true;
                }
            }
        }
    }

    /// <summary>A table at which it fails keeps none of the others waiting; but a round that has left one out is none that was finished.</summary>
    private async Task RoundAsync(CancellationToken cancellationToken)
    {
        var began = clock.GetTimestamp();
        foreach (var rows in ExpiredRows.All)
        {
            if (!await DeleteAsync(rows, cancellationToken))
            {
                metrics.AnotherLeads();
                return;
            }
        }

        if (_failing.Count == 0)
        {
            metrics.RoundFinished(clock.GetElapsedTime(began), clock.GetUtcNow());
        }
    }

    /// <summary>Deletes what has expired of one table; false when another replica leads.</summary>
    private async Task<bool> DeleteAsync(ExpiredRows rows, CancellationToken cancellationToken)
    {
        var total = 0;
        int due;
        do
        {
            if (await leases.TakeAsync(LeaseName, LeaseDuration, cancellationToken) is not { } now)
            {
                return false;
            }

            try
            {
                (due, var deleted) = await rows.DeleteBatchAsync(dataSource, leases.Earlier(now), options.Value.BatchSize, cancellationToken);
                metrics.Deleted(rows.Table, deleted);
                total += deleted;
            }
            catch (Exception exception) when (IsOutage(exception))
            {
                if (_failing.Add(rows.Table))
                {
                    // What the driver says of a limit is in the exception within.
                    Log.TableFailed(logger, rows.Table, exception.GetBaseException().Message);
                }

                return true;
            }

            await Task.Delay(TimeSpan.FromMilliseconds(options.Value.PauseMilliseconds), clock, cancellationToken);
        }
        while (due == options.Value.BatchSize);

        _failing.Remove(rows.Table);
        if (total > 0)
        {
            Log.Deleted(logger, total, rows.Table);
        }

        return true;
    }

    private static bool IsOutage(Exception exception) => exception is DbException or TimeoutException;

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Debug, "Deleted {Rows} expired rows of {Table}")]
        public static partial void Deleted(ILogger logger, int rows, string table);

        [LoggerMessage(2, LogLevel.Warning, "Expired rows were not deleted: {Reason}. The next round tries again")]
        public static partial void Failed(ILogger logger, string reason);

        [LoggerMessage(3, LogLevel.Warning, "Expired rows of {Table} were not deleted: {Reason}. The next round tries again")]
        public static partial void TableFailed(ILogger logger, string table, string reason);
    }
}
