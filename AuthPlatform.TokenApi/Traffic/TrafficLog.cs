using System.Data.Common;
using AuthPlatform.Data;
using AuthPlatform.ServiceDefaults;
using Npgsql;

namespace AuthPlatform.TokenApi.Traffic;

/// <summary>
/// Adds what this replica counted to the minutes that all replicas share, every few seconds in one statement. While Postgres is away the numbers stay here, and
/// are added to the minute in which they were counted when it is back, up to an hour late.
/// </summary>
internal sealed partial class TrafficLog(TrafficTally tally, NpgsqlDataSource dataSource, TimeProvider clock, ILogger<TrafficLog> logger) : PeriodicWriter(Period, clock)
{
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Patience = TimeSpan.FromHours(1);

    /// <summary>In the order of the key: replicas that write at once never wait for each other in a circle.</summary>
    private const string Write =
        """
        INSERT INTO traffic_counts (minute, kind, code, count) SELECT * FROM unnest($1, $2, $3, $4) AS c (minute, kind, code, count) ORDER BY minute, kind, code
        ON CONFLICT (minute, kind, code) DO UPDATE SET count = traffic_counts.count + EXCLUDED.count
        """;

    private readonly Dictionary<(DateTimeOffset Minute, string Kind, string Code), long> _waiting = [];
    private bool _failed;

    protected override async Task FlushAsync(CancellationToken cancellationToken)
    {
        var now = Clock.GetUtcNow();
        var minute = new DateTimeOffset(now.Ticks - (now.Ticks % TimeSpan.TicksPerMinute), TimeSpan.Zero);
        foreach (var (kind, code, count) in tally.Take())
        {
            _waiting[(minute, kind, code)] = _waiting.GetValueOrDefault((minute, kind, code)) + count;
        }

        foreach (var old in _waiting.Keys.Where(k => now - k.Minute > Patience).ToList())
        {
            _waiting.Remove(old);
        }

        if (_waiting.Count == 0)
        {
            return;
        }

        try
        {
            await using var command = dataSource.CreateCommand(
                Write,
                Sql.Value<DateTime[]>([.. _waiting.Keys.Select(k => k.Minute.UtcDateTime)]),
                Sql.Value<string[]>([.. _waiting.Keys.Select(k => k.Kind)]),
                Sql.Value<string[]>([.. _waiting.Keys.Select(k => k.Code)]),
                Sql.Value<long[]>([.. _waiting.Values]));
            await command.ExecuteNonQueryAsync(cancellationToken);
            _waiting.Clear();
            _failed = false;
        }
        catch (Exception exception) when (exception is DbException or TimeoutException || (exception is OperationCanceledException && cancellationToken.IsCancellationRequested))
        {
            if (!_failed)
            {
                Log.Failed(logger, exception.Message);
                _failed = true;
            }
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "The numbers for the overview are not written at the moment: {Reason}. They wait, and writing is tried again every few seconds")]
        public static partial void Failed(ILogger logger, string reason);
    }
}
