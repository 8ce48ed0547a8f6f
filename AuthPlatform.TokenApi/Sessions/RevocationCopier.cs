using System.Data.Common;
using AuthPlatform.Data;
using AuthPlatform.Data.Auth;
using AuthPlatform.TokenApi.Requests;
using Npgsql;
using StackExchange.Redis;

namespace AuthPlatform.TokenApi.Sessions;

/// <summary>
/// Copies revocations from Postgres to Redis, one replica at a time, and keeps the sentinel alive that lets verification rely on Redis. Each round copies what
/// was committed since the one before; a round that finds another server, or no sentinel, copies everything first. Time is the database's.
/// </summary>
internal sealed partial class RevocationCopier(
    IConnectionMultiplexer redis,
    [FromKeyedServices(TokenApiServices.Upkeep)] NpgsqlDataSource dataSource,
    Leases leases,
    RevocationMetrics metrics,
    TimeProvider clock,
    ILogger<RevocationCopier> logger) : BackgroundService
{
    private const int Batch = 500;

    /// <summary>A snapshot that sees nothing.</summary>
    private const string Nothing = "1:1:";

    private static readonly TimeSpan Period = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan SentinelLife = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan RebuildLimit = TimeSpan.FromMinutes(5);

    /// <summary>How long copying may go on before the lease is renewed: a copy that takes longer than a lease must not be begun anew by the next replica, and by this one after that.</summary>
    private static readonly TimeSpan Renewal = TimeSpan.FromSeconds(1);

    /// <summary>Read before the rows: they show whatever it sees, so that the next round needs only the rest.</summary>
    private const string Snapshot = "SELECT pg_current_snapshot()::text";

    /// <summary>In whatever order they come: of two about one session, the one that counts at once stands. What counts at once counts for every verifier, whatever its clock says: from the beginning of time.</summary>
    private const string ReadRows =
        """
        SELECT revoked_id, generation, CASE WHEN effective_at <= revoked_at THEN 'epoch' ELSE effective_at END, until FROM revocations
        WHERE transaction_id >= pg_snapshot_xmin($1::text::pg_snapshot) AND NOT pg_visible_in_snapshot(transaction_id, $1::text::pg_snapshot) AND until > $2
        ORDER BY transaction_id, sequence
        """;

    /// <summary>Not what was restored from another server, whose transactions were further on: <c>authplatform doctor</c> tells of that.</summary>
    private const string HeldBack =
        """
        SELECT clock_timestamp() - revoked_at FROM revocations
        WHERE transaction_id >= pg_snapshot_xmin(pg_current_snapshot()) AND transaction_id < pg_snapshot_xmax(pg_current_snapshot())
            AND generation IS NULL AND until > clock_timestamp()
        ORDER BY transaction_id, sequence LIMIT 1
        """;

    private string _copied = Nothing;
    private string? _server;
    private long _leasedAt;
    private bool _failed;
    private bool _tookTooLong;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Period, clock);
        do
        {
            try
            {
                await RoundAsync(stoppingToken);
                _failed = false;
            }
            catch (Exception exception) when (exception is DbException or RedisException or TimeoutException)
            {
                _server = null;
                if (!_failed)
                {
                    Log.Failed(logger, exception.Message);
                    _failed = true;
                }
            }
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    private async Task RoundAsync(CancellationToken cancellationToken)
    {
        var database = redis.GetDatabase();
        // Asked first: whoever cannot reach Redis must not keep the lease from those that can, and nobody waits for a lease that has run out.
        var server = await IdentityAsync(database);
        var began = clock.GetTimestamp();
        if (await LeaseAsync(cancellationToken) is not { } round)
        {
            _server = null;
            metrics.AnotherCopies();
            return;
        }

        metrics.Copies();
        if (_server != server || !await database.KeyExistsAsync(RevocationKeys.Complete))
        {
            await RebuildAsync(database, round, cancellationToken);
            _server = server;
            return;
        }

        if (await CopyAsync(database, _copied, leases.Earlier(round), cancellationToken) is not { } copied)
        {
            _server = null;
            return;
        }

        _copied = copied;
        // Only an existing sentinel is renewed: one that vanished during the round took revocations with it.
        if (LifeAfter(began) is not { } life || !await database.StringSetAsync(RevocationKeys.Complete, round.ToUnixTimeMilliseconds(), life, When.Exists))
        {
            _server = null;
            return;
        }

        HasCopied(began);
    }

    /// <summary>Says which server it is, if it takes a write too: one that is full, cannot save or gives no right to write goes on answering questions.</summary>
    private async Task<string> IdentityAsync(IDatabase database)
    {
        try
        {
            var server = await RedisServer.IdentityAsync(redis, RevocationKeys.Complete);
            await database.StringSetAsync(RevocationKeys.Copying(leases.Holder), RedisValue.EmptyString, SentinelLife);
            return server;
        }
        catch (Exception exception) when (exception is RedisException or TimeoutException)
        {
            // Whoever can reach Redis may copy meanwhile, and tells how late it is.
            metrics.AnotherCopies();
            throw;
        }
    }

    /// <summary>Copies everything. The mark written first is what becomes the sentinel: it is there at the end only if nothing was emptied meanwhile.</summary>
    private async Task RebuildAsync(IDatabase database, DateTimeOffset round, CancellationToken cancellationToken)
    {
        var mark = RevocationKeys.Copying(leases.Holder);
        await database.KeyDeleteAsync(RevocationKeys.Complete);
        await database.StringSetAsync(mark, round.ToUnixTimeMilliseconds(), RebuildLimit);
        if (await CopyAsync(database, Nothing, leases.Earlier(round), cancellationToken) is not { } copied)
        {
            return;
        }

        // That may have taken long; the life of the sentinel is counted from the beginning of this last, short look.
        var began = clock.GetTimestamp();
        if (await LeaseAsync(cancellationToken) is not { } now || await CopyAsync(database, copied, leases.Earlier(now), cancellationToken) is not { } all)
        {
            return;
        }

        _copied = all;
        if (LifeAfter(began) is { } life && await database.KeyExpireAsync(mark, life) && await database.KeyRenameAsync(mark, RevocationKeys.Complete))
        {
            HasCopied(began);
            Log.Rebuilt(logger);
        }
    }

    /// <summary>For how long a sentinel is good that says what a round of copying has seen; null when that took too long to say anything.</summary>
    private TimeSpan? LifeAfter(long began)
    {
        var took = clock.GetElapsedTime(began);
        if (took < SentinelLife)
        {
            return SentinelLife - took;
        }

        if (!_tookTooLong)
        {
            Log.TookTooLong(logger, took.TotalSeconds, SentinelLife.TotalSeconds);
            _tookTooLong = true;
        }

        return null;
    }

    private void HasCopied(long began)
    {
        metrics.Copied(began);
        _tookTooLong = false;
    }

    private async Task<DateTimeOffset?> LeaseAsync(CancellationToken cancellationToken)
    {
        _leasedAt = clock.GetTimestamp();
        return await leases.TakeAsync(RevocationAnnouncer.LeaseName, RevocationAnnouncer.LeaseDuration, cancellationToken);
    }

    /// <summary>Copies what a snapshot did not see, and gives the snapshot for the next time; null when another replica has taken the lease meanwhile.</summary>
    private async Task<string?> CopyAsync(IDatabase database, string copied, DateTimeOffset now, CancellationToken cancellationToken)
    {
        await using var batch = dataSource.CreateBatch();
        batch.BatchCommands.Add(new NpgsqlBatchCommand(Snapshot));
        batch.BatchCommands.Add(new NpgsqlBatchCommand(ReadRows)
        {
            Parameters = { Sql.Value(copied), Sql.Value(now.UtcDateTime) },
        });
        batch.BatchCommands.Add(new NpgsqlBatchCommand(HeldBack));
        await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
        await reader.ReadAsync(cancellationToken);
        var next = reader.GetString(0);
        await reader.NextResultAsync(cancellationToken);
        var rows = new List<RevokedTokens>(Batch);
        while (await reader.ReadAsync(cancellationToken))
        {
            rows.Add(new RevokedTokens(reader.GetGuid(0), reader.IsDBNull(1) ? null : reader.GetInt32(1), reader.GetFieldValue<DateTimeOffset>(2), reader.GetFieldValue<DateTimeOffset>(3)));
            if (rows.Count == Batch)
            {
                await RevocationKeys.WriteAsync(database, rows, now);
                rows.Clear();
                if (clock.GetElapsedTime(_leasedAt) > Renewal && await LeaseAsync(cancellationToken) is null)
                {
                    return null;
                }
            }
        }

        await RevocationKeys.WriteAsync(database, rows, now);
        await reader.NextResultAsync(cancellationToken);
        metrics.HeldBack(await reader.ReadAsync(cancellationToken) ? reader.GetFieldValue<TimeSpan>(0) : TimeSpan.Zero);
        return next;
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Information, "Redis knows every revocation again")]
        public static partial void Rebuilt(ILogger logger);

        [LoggerMessage(2, LogLevel.Warning, "Revocations are not copied to Redis at the moment: {Reason}. Verification reads Postgres, and copying is tried again every second")]
        public static partial void Failed(ILogger logger, string reason);

        [LoggerMessage(3, LogLevel.Warning, "A round of copying revocations to Redis took {Seconds:0.0} s, longer than the {Limit:0} s for which Redis is believed: PostgreSQL or Redis is slow. Verification reads Postgres until a round is faster")]
        public static partial void TookTooLong(ILogger logger, double seconds, double limit);
    }
}
