using Npgsql;
using StackExchange.Redis;

namespace AuthPlatform.TokenApi.Sessions;

/// <summary>
/// Tells Redis of revocations that Postgres has already, before the caller is told that they hold. When Redis does not take them, other replicas might still
/// believe its sentinel; then this waits until every sentinel that may stand has been renewed by a round that knows them, or has died.
/// </summary>
internal sealed partial class RevocationAnnouncer(IConnectionMultiplexer redis, NpgsqlDataSource dataSource, TimeProvider clock, ILogger<RevocationAnnouncer> logger)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    private const string RemainingLease =
        $"SELECT greatest(0, extract(epoch FROM until - clock_timestamp()))::float8 FROM leases WHERE name = '{RevocationCopier.LeaseName}'";

    public async ValueTask AnnounceAsync(IReadOnlyList<RevokedTokens> revoked, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        if (revoked.Count == 0 || await WriteAsync(revoked, now, cancellationToken) || revoked.All(r => r.EffectiveAt - now > RevocationCopier.LeaseDuration))
        {
            return;
        }

        await using var command = dataSource.CreateCommand(RemainingLease);
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
