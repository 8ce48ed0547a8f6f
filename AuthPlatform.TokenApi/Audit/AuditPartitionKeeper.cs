using System.Data.Common;
using System.Security.Cryptography;

namespace AuthPlatform.TokenApi.Audit;

/// <summary>Looks after the audit's partitions at the start and once a day. Until it succeeds it tries every minute; meanwhile the default partition takes what comes.</summary>
internal sealed partial class AuditPartitionKeeper(AuditPartitions partitions, TimeProvider clock, ILogger<AuditPartitionKeeper> logger) : BackgroundService
{
    private static readonly TimeSpan RetryDelay = TimeSpan.FromMinutes(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var failed = false;
        while (true)
        {
            var failure = await TryAsync(stoppingToken);
            if (failure is not null && !failed)
            {
                Log.Failed(logger, failure);
            }

            failed = failure is not null;
            // Replicas that started together do not stay together.
            await Task.Delay(failed ? RetryDelay : TimeSpan.FromMinutes((23 * 60) + RandomNumberGenerator.GetInt32(120)), clock, stoppingToken);
        }
    }

    /// <summary>Null, or why it was not done.</summary>
    private async Task<string?> TryAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await partitions.KeepAsync(cancellationToken) ? null : "The clocks of this machine and of the database are too far apart";
        }
        catch (Exception exception) when (exception is DbException or TimeoutException)
        {
            return exception.Message;
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "The audit's partitions were not looked after: {Reason}. It is tried again every minute")]
        public static partial void Failed(ILogger logger, string reason);
    }
}
