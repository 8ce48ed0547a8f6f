using Microsoft.Extensions.Logging;
using Npgsql;
using StackExchange.Redis;

namespace AuthPlatform.Data.Auth;

/// <summary>
/// Tells Redis of revocations that Postgres has already, before the caller is told that they hold. When Redis does not take them, other replicas might still
/// believe its sentinel; then this waits until every sentinel that may stand has been renewed by a round that knows them, or has died.
/// </summary>
public sealed partial class RevocationAnnouncer(IConnectionMultiplexer redis, NpgsqlDataSource dataSource, TimeProvider clock, ILogger<RevocationAnnouncer> logger)
{
    /// <summary>The lease of the replica that copies revocations to Redis and keeps its sentinel alive.</summary>
    public const string LeaseName = "revocations";

    /// <summary>How long after a round of copying began its sentinel may be believed at the latest: the sentinel's own life and a margin for a slow network.</summary>
    public static readonly TimeSpan LeaseDuration = TimeSpan.FromSeconds(5);

    /// <summary>
    /// What counts later than this is left to the copying: a sentinel that is believed then comes from a round that knows it. Longer than a lease by more than clocks may differ,
    /// for the time from which it counts is the database's.
    /// </summary>
    private static readonly TimeSpan Later = LeaseDuration + TimeSpan.FromSeconds(15);

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    /// <summary>Never more than it is taken for: one that seems to last longer is from a clock that was ahead.</summary>
    private const string RemainingLease = $"SELECT extract(epoch FROM least(until - clock_timestamp(), $1))::float8 FROM leases WHERE name = '{LeaseName}'";

    /// <summary>When it returns, every replica refuses those that count already, and will refuse the others when they do.</summary>
    public async ValueTask AnnounceAsync(IReadOnlyList<RevokedTokens> revoked, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        List<RevokedTokens> soon = [.. revoked.Where(r => r.EffectiveAt - now <= Later)];
        if (soon.Count == 0 || await WriteAsync(soon, now, cancellationToken))
        {
            return;
        }

        await using var command = dataSource.CreateCommand(RemainingLease, Sql.Value(LeaseDuration));
        if (await command.ExecuteScalarAsync(cancellationToken) is double seconds and > 0)
        {
            Log.Waits(logger, seconds);
            await Task.Delay(TimeSpan.FromSeconds(seconds), clock, cancellationToken);
        }
    }

    /// <summary>With more patience than for a question, which Postgres could answer as well: the alternative is the wait above.</summary>
    private async ValueTask<bool> WriteAsync(IReadOnlyList<RevokedTokens> revoked, DateTimeOffset now, CancellationToken cancellationToken)
    {
        try
        {
            await RevocationKeys.WriteAsync(redis.GetDatabase(), revoked, now).WaitAsync(Patience, clock, cancellationToken);
            return true;
        }
        catch (Exception exception) when (exception is RedisException or TimeoutException)
        {
            return false;
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "Redis did not take a revocation. Waiting {Seconds:0.0} s until no replica relies on it any more")]
        public static partial void Waits(ILogger logger, double seconds);
    }
}
