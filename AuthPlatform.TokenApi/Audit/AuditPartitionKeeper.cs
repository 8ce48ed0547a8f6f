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
            try
            {
                await partitions.KeepAsync(stoppingToken);
                failed = false;
            }
            catch (Exception exception) when (exception is DbException or TimeoutException)
            {
                if (!failed)
                {
                    Log.Failed(logger, exception.Message);
                }

                failed = true;
            }

            // Replicas that started together do not stay together.
            await Task.Delay(failed ? RetryDelay : TimeSpan.FromMinutes((23 * 60) + RandomNumberGenerator.GetInt32(120)), clock, stoppingToken);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "The audit's partitions were not looked after: {Reason}. It is tried again every minute")]
        public static partial void Failed(ILogger logger, string reason);
    }
}
