using System.Security.Cryptography;
using AuthPlatform.Data;
using AuthPlatform.ServiceDefaults;
using Microsoft.Extensions.Options;
using Npgsql;

namespace AuthPlatform.TokenApi.Requests;

/// <summary>
/// When replay memory is in Postgres: for the time in which Redis does not answer. The replica that needs it says so by a row of its own kind; within
/// <see cref="Freshness"/> of it every replica writes what it accepts into <see cref="ReplayRows"/> too, whether Redis answers it or not, until that row is out of date.
/// Time is the database's here: clocks of replicas may differ by more than a few seconds can make up for.
/// </summary>
internal sealed class ReplayTable(
    [FromKeyedServices(TokenApiServices.Upkeep)] NpgsqlDataSource dataSource, IOptions<SignedRequestOptions> options, TimeProvider clock)
{
    /// <summary>How far a timestamp may be ahead of <see cref="Now"/> for Redis alone to remember the request.</summary>
    public static readonly TimeSpan Ahead = TimeSpan.FromSeconds(1);

    /// <summary>For how long what was learned of the others' rows is good.</summary>
    public static readonly TimeSpan Freshness = TimeSpan.FromSeconds(2);

    /// <summary>How far two replicas may be apart in what they take for <see cref="Now"/>.</summary>
    public static readonly TimeSpan ClockError = TimeSpan.FromSeconds(1);

    /// <summary>How often the row is written again while the table is needed.</summary>
    private static readonly TimeSpan Renewal = TimeSpan.FromMinutes(1);

    /// <summary>No request has this key: keys are SHA-256 hashes.</summary>
    private static readonly byte[] AnnouncementKey = new byte[SHA256.HashSizeInBytes];

    private readonly Lock _lock = new();

    /// <summary>How far ahead of this machine's clock a timestamp may be that some replica takes.</summary>
    private readonly TimeSpan _reach = TimeSpan.FromSeconds(options.Value.SkewSeconds) + (2 * ClockCheck.Limit);

    private Task? _announcing;
    private TimeSpan _databaseIsAhead;
    private DateTimeOffset _learned = DateTimeOffset.UnixEpoch;
    private DateTimeOffset _usedUntil = DateTimeOffset.UnixEpoch;
    private DateTimeOffset _completeFrom;

    /// <summary>The time of the database, as far as this process knows.</summary>
    public DateTimeOffset Now
    {
        get
        {
            lock (_lock)
            {
                return clock.GetUtcNow() + _databaseIsAhead;
            }
        }
    }

    /// <summary>No replica takes a later timestamp now. By this machine's clock or the database's, whichever is ahead: either may be wrong.</summary>
    public DateTimeOffset Latest => Later(clock.GetUtcNow(), Now) + _reach;

    /// <summary>Whether what is accepted must be written here even though Redis has it: some replica may do without Redis.</summary>
    public bool IsUsed
    {
        get
        {
            lock (_lock)
            {
                // A clock that was set back since does not say how long ago that was.
                return Now < _usedUntil || (clock.GetUtcNow() - _learned).Duration() > Freshness;
            }
        }
    }

    /// <summary>
    /// Whether what is to count for later timestamps only was said by a clock so far ahead that it need not be waited for: whatever that let accept comes into its time when no memory
    /// of requests would hold it any more. What is less far ahead is waited for, for nobody else knows what was accepted then.
    /// </summary>
    public bool IsOfAWrongClock(DateTimeOffset from) => from > Later(clock.GetUtcNow(), Now) + options.Value.ReplayMemory + (2 * _reach);

    /// <summary>Says to all replicas that this table is used; does nothing while that is known for as long as a row written now must be asked for.</summary>
    public async ValueTask AnnounceAsync(CancellationToken cancellationToken)
    {
        Task announcing;
        lock (_lock)
        {
            if (_usedUntil >= Now + options.Value.ReplayMemory)
            {
                return;
            }

            // One for all who need it: a database that hangs is waited for once, not by each after the other.
            announcing = _announcing is { IsCompleted: false } underWay ? underWay : _announcing = WriteAsync();
        }

        await announcing.WaitAsync(cancellationToken);
    }

    /// <summary>Whether anything is remembered here, be it only that this table is used.</summary>
    public async Task<bool> KnowsAnythingAsync()
    {
        await using var command = dataSource.CreateCommand("SELECT EXISTS (SELECT FROM replay_entries WHERE expires_at > $1)", Sql.Value(Now.UtcDateTime));
        return await command.ExecuteScalarAsync() is true;
    }

    /// <summary>Whether every accepted request of that timestamp is in this table, wherever it was accepted.</summary>
    /// <param name="timestamp">UNIX seconds.</param>
    public bool KnowsAll(long timestamp)
    {
        lock (_lock)
        {
            return !HasLapsed() && DateTimeOffset.FromUnixTimeSeconds(timestamp) > _completeFrom;
        }
    }

    /// <summary>
    /// Learns until when this table is used, by an earlier process or another replica. While the database only reads, its connections are given up, as those of requests are by
    /// whoever asks whether this is ready: the address may lead elsewhere by now.
    /// </summary>
    public async Task LearnAsync(CancellationToken cancellationToken)
    {
        var asked = clock.GetUtcNow();
        await using var command = dataSource.CreateCommand(
            "SELECT clock_timestamp(), (SELECT expires_at FROM replay_entries WHERE key = $1), current_setting('transaction_read_only')::boolean",
            Sql.Value(AnnouncementKey));
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        await reader.ReadAsync(cancellationToken);
        lock (_lock)
        {
            var took = clock.GetUtcNow() - asked;
            if (took < ClockError || _learned == DateTimeOffset.UnixEpoch)
            {
                // It was read at some moment in between; an inexact answer is better than none, but not than an exact one of before.
                _databaseIsAhead = reader.GetFieldValue<DateTimeOffset>(0) - (asked + (took / 2));
                // All write here by now, and what they accepted before by a clock that was ahead is forgotten, or was not later than this.
                _completeFrom = IsOfAWrongClock(_completeFrom) ? Latest : _completeFrom;
            }

            if (!reader.IsDBNull(1))
            {
                UseUntil(reader.GetFieldValue<DateTimeOffset>(1));
            }

            _learned = asked;
        }

        if (reader.GetBoolean(2))
        {
            dataSource.Clear();
        }
    }

    private async Task WriteAsync()
    {
        var until = Now + options.Value.ReplayMemory + Renewal;
        await using var command = dataSource.CreateCommand(
            """
            INSERT INTO replay_entries (key, endpoint, expires_at) VALUES ($1, '', $2)
            ON CONFLICT (key) DO UPDATE SET expires_at = greatest(replay_entries.expires_at, EXCLUDED.expires_at)
            """,
            Sql.Value(AnnouncementKey),
            Sql.Value(until.UtcDateTime));
        await command.ExecuteNonQueryAsync();
        UseUntil(until);
    }

    private void UseUntil(DateTimeOffset until)
    {
        lock (_lock)
        {
            if (HasLapsed())
            {
                // The row is there; nobody may have written anything else before.
                _completeFrom = Now + Freshness + Ahead + ClockError;
            }

            _usedUntil = Later(until, _usedUntil);
        }
    }

    /// <summary>Whether another replica may have stopped writing here before it hears that it is to go on.</summary>
    private bool HasLapsed() => Now >= _usedUntil - Freshness - ClockError;

    private static DateTimeOffset Later(DateTimeOffset one, DateTimeOffset other) => one > other ? one : other;
}
