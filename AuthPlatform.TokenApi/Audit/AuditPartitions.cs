using System.Globalization;
using Microsoft.Extensions.Options;
using Npgsql;

namespace AuthPlatform.TokenApi.Audit;

/// <summary>
/// The months of the audit: each has a partition, made ahead, and goes with it when all its events have had their time. What was written before its month had
/// a partition, or under a clock that was wrong, is moved there from the default partition.
/// </summary>
internal sealed partial class AuditPartitions(NpgsqlDataSource dataSource, IOptions<AuditOptions> options, TimeProvider clock, ILogger<AuditPartitions> logger)
{
    private const string Prefix = "audit_events_";
    private const string MonthFormat = "yyyyMM";
    private const int MonthsAhead = 2;

    private const string TryLock = "SELECT pg_try_advisory_xact_lock(hashtextextended('audit_partitions', 0))";

    private const string Existing = $"SELECT c.relname::text FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid WHERE i.inhparent = 'audit_events'::regclass AND c.relname ~ '^{Prefix}[0-9]{{6}}$'";

    private const string Strays = $"SELECT DISTINCT '{Prefix}' || to_char(occurred_at AT TIME ZONE 'UTC', 'YYYYMM') FROM audit_events_default";

    /// <summary>Partitions change places only when nobody reads or writes; whoever comes meanwhile waits behind, so the wait for that is short.</summary>
    private const string LimitWaiting = "SET LOCAL lock_timeout = '3s'";

    /// <summary>Makes the partitions that are missing and drops those that have had their time; false when another replica is at it.</summary>
    public async Task<bool> KeepAsync(CancellationToken cancellationToken)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await using var tryLock = new NpgsqlCommand(TryLock, connection);
        if (await tryLock.ExecuteScalarAsync(cancellationToken) is not true)
        {
            return false;
        }

        var now = clock.GetUtcNow();
        var existing = await ReadAsync(connection, Existing, cancellationToken);
        var strays = await ReadAsync(connection, Strays, cancellationToken);
        var missing = Enumerable.Range(0, MonthsAhead + 1).Select(ahead => Name(now.AddMonths(ahead))).Union(strays).Except(existing).Order(StringComparer.Ordinal).ToList();
        var kept = now.AddDays(-options.Value.RetentionDays);
        var outdated = existing.Union(missing).Where(name => End(name) <= kept).ToList();
        if (missing.Count + outdated.Count > 0)
        {
            await using var change = new NpgsqlCommand(string.Join(";\n", [LimitWaiting, .. Make(missing), .. Drop(outdated)]), connection);
            await change.ExecuteNonQueryAsync(cancellationToken);
        }

        await transaction.CommitAsync(cancellationToken);
        missing.ForEach(name => Log.Made(logger, name));
        outdated.ForEach(name => Log.Dropped(logger, name));
        return true;
    }

    /// <summary>Detached, the default partition neither forbids a partition for rows that it holds nor refuses to give them up.</summary>
    private static IEnumerable<string> Make(List<string> names) => names.Count == 0 ? [] :
    [
        "ALTER TABLE audit_events DETACH PARTITION audit_events_default",
        .. names.SelectMany(name => (string[])
        [
            $"CREATE TABLE {name} PARTITION OF audit_events FOR VALUES FROM ('{Start(name):O}') TO ('{End(name):O}')",
            $"INSERT INTO audit_events SELECT * FROM audit_events_default WHERE occurred_at >= '{Start(name):O}' AND occurred_at < '{End(name):O}'",
            $"DELETE FROM audit_events_default WHERE occurred_at >= '{Start(name):O}' AND occurred_at < '{End(name):O}'",
        ]),
        "ALTER TABLE audit_events ATTACH PARTITION audit_events_default DEFAULT",
    ];

    private static IEnumerable<string> Drop(List<string> names) => names.SelectMany(name => (string[])[$"ALTER TABLE audit_events DETACH PARTITION {name}", $"DROP TABLE {name}"]);

    private static string Name(DateTimeOffset month) => Prefix + month.UtcDateTime.ToString(MonthFormat, CultureInfo.InvariantCulture);

    private static DateTimeOffset Start(string name) =>
        DateTimeOffset.ParseExact(name[Prefix.Length..], MonthFormat, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal);

    private static DateTimeOffset End(string name) => Start(name).AddMonths(1);

    private static async Task<List<string>> ReadAsync(NpgsqlConnection connection, string sql, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var names = new List<string>();
        while (await reader.ReadAsync(cancellationToken))
        {
            names.Add(reader.GetString(0));
        }

        return names;
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Information, "Made the audit's partition {Partition}")]
        public static partial void Made(ILogger logger, string partition);

        [LoggerMessage(2, LogLevel.Information, "Dropped the audit's partition {Partition}, whose events have had their time")]
        public static partial void Dropped(ILogger logger, string partition);
    }
}
