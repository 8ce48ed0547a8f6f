using System.Data.Common;
using AuthPlatform.Data.Auth;
using AuthPlatform.TokenApi.Requests;
using Npgsql;
using StackExchange.Redis;

namespace AuthPlatform.TokenApi.Sessions;

/// <summary>
/// Copies revocations from Postgres to Redis, one replica at a time, and keeps the sentinel alive that lets verification rely on Redis. Each round copies what
/// was committed before it began; a round that finds another server, or no sentinel, copies everything first.
/// </summary>
internal sealed partial class RevocationCopier(IConnectionMultiplexer redis, NpgsqlDataSource dataSource, Leases leases, RevocationMetrics metrics, TimeProvider clock, ILogger<RevocationCopier> logger) : BackgroundService
{
    private const int Batch = 500;
    private const long AllRows = 0;
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan SentinelLife = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan RebuildLimit = TimeSpan.FromMinutes(5);

    /// <summary>Read before the rows: whatever is older than this is complete by then, so that the next round can begin there.</summary>
    private const string OldestRunning = "SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint";

    /// <summary>In order: of two about one session, the later one stands.</summary>
    private const string ReadRows =
        "SELECT revoked_id, generation, effective_at, until FROM revocations WHERE transaction_id >= $1::text::xid8 AND until > $2 ORDER BY transaction_id, sequence";

    private long _position;
    private string? _server;
    private bool _failed;

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
        var server = await IdentityAsync();
        var began = clock.GetTimestamp();
        if (await leases.TakeAsync(RevocationAnnouncer.LeaseName, RevocationAnnouncer.LeaseDuration, cancellationToken) is not { } round)
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

        _position = await CopyAsync(database, _position, cancellationToken);
        var life = SentinelLife - clock.GetElapsedTime(began);
        // Only an existing sentinel is renewed: one that vanished during the round took revocations with it.
        if (life <= TimeSpan.Zero || !await database.StringSetAsync(RevocationKeys.Complete, round, life, When.Exists))
        {
            _server = null;
            return;
        }

        metrics.Copied(began);
    }

    private async Task<string> IdentityAsync()
    {
        try
        {
            return await RedisServer.IdentityAsync(redis, RevocationKeys.Complete);
        }
        catch (Exception exception) when (exception is RedisException or TimeoutException)
        {
            // Whoever can reach Redis may copy meanwhile, and tells how late it is.
            metrics.AnotherCopies();
            throw;
        }
    }

    /// <summary>Copies everything. The mark written first is what becomes the sentinel: it is there at the end only if nothing was emptied meanwhile.</summary>
    private async Task RebuildAsync(IDatabase database, long round, CancellationToken cancellationToken)
    {
        var mark = RevocationKeys.Copying(leases.Holder);
        await database.KeyDeleteAsync(RevocationKeys.Complete);
        await database.StringSetAsync(mark, round, RebuildLimit);
        var position = await CopyAsync(database, AllRows, cancellationToken);

        // That may have taken long; the life of the sentinel is counted from the beginning of this last, short look.
        var began = clock.GetTimestamp();
        if (await leases.TakeAsync(RevocationAnnouncer.LeaseName, RevocationAnnouncer.LeaseDuration, cancellationToken) is null)
        {
            return;
        }

        _position = await CopyAsync(database, position, cancellationToken);
        var life = SentinelLife - clock.GetElapsedTime(began);
        if (life > TimeSpan.Zero && await database.KeyExpireAsync(mark, life) && await database.KeyRenameAsync(mark, RevocationKeys.Complete))
        {
            metrics.Copied(began);
            Log.Rebuilt(logger);
        }
    }

    /// <summary>Copies rows from a position on, and gives the position for the next time.</summary>
    private async Task<long> CopyAsync(IDatabase database, long position, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        await using var batch = dataSource.CreateBatch();
        batch.BatchCommands.Add(new NpgsqlBatchCommand(OldestRunning));
        batch.BatchCommands.Add(new NpgsqlBatchCommand(ReadRows)
        {
            Parameters = { new NpgsqlParameter<string> { TypedValue = position.ToString(System.Globalization.CultureInfo.InvariantCulture) }, new NpgsqlParameter<DateTime> { TypedValue = now.UtcDateTime } },
        });
        await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
        await reader.ReadAsync(cancellationToken);
        var next = reader.GetInt64(0);
        await reader.NextResultAsync(cancellationToken);
        var rows = new List<RevokedTokens>(Batch);
        while (await reader.ReadAsync(cancellationToken))
        {
            rows.Add(new RevokedTokens(reader.GetGuid(0), reader.IsDBNull(1) ? null : reader.GetInt32(1), reader.GetFieldValue<DateTimeOffset>(2), reader.GetFieldValue<DateTimeOffset>(3)));
            if (rows.Count == Batch)
            {
                await RevocationKeys.WriteAsync(database, rows, now);
                rows.Clear();
            }
        }

        await RevocationKeys.WriteAsync(database, rows, now);
        return next;
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Information, "Redis knows every revocation again")]
        public static partial void Rebuilt(ILogger logger);

        [LoggerMessage(2, LogLevel.Warning, "Revocations are not copied to Redis at the moment: {Reason}. Verification reads Postgres, and copying is tried again every second")]
        public static partial void Failed(ILogger logger, string reason);
    }
}
