using AuthPlatform.ServiceDefaults;
using Npgsql;

namespace AuthPlatform.TokenApi.Audit;

/// <summary>
/// The months of the audit: each has a partition, made ahead, and goes with it when all its events have had their time. A function of the database does it (migration
/// <c>AuditPartitions</c>): the Token API itself may neither change tables nor take anything out of the audit.
/// </summary>
internal sealed partial class AuditPartitions(NpgsqlDataSource dataSource, TimeProvider clock, ILogger<AuditPartitions> logger)
{
    private const string Now = "SELECT clock_timestamp()";

    private const string Keep = "SELECT partition_name, is_new FROM keep_audit_partitions()";

    /// <summary>
    /// Makes the partitions that are missing and drops those that have had their time; nothing when another replica is at it. False when it was not done because the clocks of this
    /// machine and of the database are too far apart: the function goes by the database's alone, and one that is years ahead would leave nothing.
    /// </summary>
    public async Task<bool> KeepAsync(CancellationToken cancellationToken)
    {
        await using var ask = dataSource.CreateCommand(Now);
        DateTimeOffset there = (DateTime)(await ask.ExecuteScalarAsync(cancellationToken))!;
        if ((there - clock.GetUtcNow()).Duration() > ClockCheck.Limit)
        {
            return false;
        }

        await using var command = dataSource.CreateCommand(Keep);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            if (reader.GetBoolean(1))
            {
                Log.Made(logger, reader.GetString(0));
            }
            else
            {
                Log.Dropped(logger, reader.GetString(0));
            }
        }

        return true;
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Information, "Made the audit's partition {Partition}")]
        public static partial void Made(ILogger logger, string partition);

        [LoggerMessage(2, LogLevel.Information, "Dropped the audit's partition {Partition}, whose events have had their time")]
        public static partial void Dropped(ILogger logger, string partition);
    }
}
