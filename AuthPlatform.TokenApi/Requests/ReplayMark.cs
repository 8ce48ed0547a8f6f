using System.Globalization;
using StackExchange.Redis;

namespace AuthPlatform.TokenApi.Requests;

/// <summary>
/// About which requests Redis can be believed: those with a later timestamp than the mark in it says. Emptied, Redis has no mark; restarted, or replaced by a copy of it that may
/// lack the last writes, it has another identity than the mark. Whoever meets that writes a new one. It is read after the request was written, in the same packet, so that nothing
/// can be lost in between unnoticed.
/// </summary>
internal sealed partial class ReplayMark
{
    private static readonly RedisKey Key = "replay:since";

    /// <summary>No new mark is further ahead, by clocks that are right.</summary>
    private static readonly TimeSpan Longest = ReplayTable.Ahead + ReplayTable.ClockError + ReplayTable.Freshness + TimeSpan.FromSeconds(1);

    private static readonly long LastMillisecond = DateTimeOffset.MaxValue.ToUnixTimeMilliseconds();

    private readonly IConnectionMultiplexer _redis;
    private readonly ReplayTable _table;
    private readonly TimeProvider _clock;
    private readonly ILogger<ReplayMark> _logger;
    private readonly Lock _lock = new();
    private Known? _known;
    private Task? _learning;
    private int _connection;

    public ReplayMark(IConnectionMultiplexer redis, ReplayTable table, TimeProvider clock, ILogger<ReplayMark> logger)
    {
        (_redis, _table, _clock, _logger) = (redis, table, clock, logger);
        redis.ConnectionFailed += (_, _) => Forget();
        redis.ConfigurationChanged += (_, _) => Forget();
    }

    /// <summary>Sees to it that there is a mark, and that this process knows it: when the connection is new, or the mark was another one, or of a clock that was ahead.</summary>
    public Task LearnAsync()
    {
        if (Volatile.Read(ref _known) is not null)
        {
            return Task.CompletedTask;
        }

        lock (_lock)
        {
            return _learning is { IsCompleted: false } underWay ? underWay : _learning = AskAsync();
        }
    }

    /// <summary>The mark as it is now, for <see cref="Covers"/>.</summary>
    public static Task<RedisValue> ReadAsync(IDatabaseAsync redis) => redis.StringGetAsync(Key);

    /// <summary>Whether Redis, which did not know a request, would know it if it had been accepted.</summary>
    /// <param name="mark">What was read after the request was looked for.</param>
    /// <param name="timestamp">When the request says that it was signed, UNIX seconds.</param>
    public bool Covers(RedisValue mark, long timestamp)
    {
        if (Volatile.Read(ref _known) is not { } known)
        {
            return false;
        }

        var isStill = known.Mark == mark;
        if (isStill && DateTimeOffset.FromUnixTimeSeconds(timestamp) > known.From)
        {
            return true;
        }

        if (!isStill || _table.IsOfAWrongClock(known.From))
        {
            // Unless somebody has learned a newer one meanwhile.
            Interlocked.CompareExchange(ref _known, null, known);
        }

        return false;
    }

    /// <summary>Waits until requests that are signed now are covered: at once, but for the first seconds of a Redis. What takes longer is left to clients, which try again.</summary>
    public async Task SettledAsync(CancellationToken cancellationToken)
    {
        await LearnAsync();
        // A timestamp counts whole seconds.
        var wait = Volatile.Read(ref _known) is { } known ? DateTimeOffset.FromUnixTimeSeconds(known.From.ToUnixTimeSeconds() + 1) - _table.Now : default;
        if (wait > TimeSpan.Zero)
        {
            await Task.Delay(wait < Longest ? wait : Longest, _clock, cancellationToken);
        }
    }

    private async Task AskAsync()
    {
        var connection = Volatile.Read(ref _connection);
        var server = await RedisServer.IdentityAsync(_redis, Key);
        var redis = _redis.GetDatabase();
        var mark = await redis.StringGetAsync(Key);
        var from = Read(mark, server);
        var isWrong = from is { } wrong && await IsWrongAsync(wrong);
        if (from is null || isWrong)
        {
            // Of several replicas that find none, each writes its own; the last one stands, and the others notice.
            from = await BeginAsync(isWrong);
            mark = string.Create(CultureInfo.InvariantCulture, $"{server}/{from.Value.ToUnixTimeMilliseconds()}");
            await redis.StringSetAsync(Key, mark);
        }

        lock (_lock)
        {
            // What a server said that may not be the one any more is not believed.
            if (connection == _connection)
            {
                _known = new Known(mark, from.Value);
            }
        }
    }

    /// <summary>Whether a mark was written by a clock that was ahead. Before it is not believed, the database's time is asked for: nobody may have done that yet.</summary>
    private async Task<bool> IsWrongAsync(DateTimeOffset from)
    {
        if (!_table.IsOfAWrongClock(from))
        {
            return false;
        }

        await _table.LearnAsync(CancellationToken.None);
        return _table.IsOfAWrongClock(from);
    }

    /// <summary>
    /// From which timestamp on a memory that begins now is enough: whatever Redis alone has accepted before is not newer. What was ahead of the clock is in the table as well, so
    /// that is asked for as long as any of it can come again.
    /// </summary>
    /// <param name="insteadOfAWrongOne">That was younger than what the same clock, and right ones before it, had let accept: whatever is taken now may be among that.</param>
    private async Task<DateTimeOffset> BeginAsync(bool insteadOfAWrongOne)
    {
        var isAskedToo = await _table.KnowsAnythingAsync();
        if (isAskedToo)
        {
            await _table.AnnounceAsync(CancellationToken.None);
        }

        if (insteadOfAWrongOne)
        {
            Log.BeginsAnew(_logger, (_table.Latest - _clock.GetUtcNow()).TotalSeconds);
            return _table.Latest;
        }

        return _table.Now + ReplayTable.Ahead + ReplayTable.ClockError + (isAskedToo ? ReplayTable.Freshness : TimeSpan.Zero);
    }

    /// <summary>Null for what no clock of ours has written; what is later than any clock can show is as late as one can.</summary>
    private static DateTimeOffset? Read(RedisValue mark, string server) =>
        (string?)mark is { } text && text.StartsWith($"{server}/", StringComparison.Ordinal) && long.TryParse(text.AsSpan(server.Length + 1), CultureInfo.InvariantCulture, out var from) && from >= 0
            ? DateTimeOffset.FromUnixTimeMilliseconds(Math.Min(from, LastMillisecond)) : null;

    private void Forget()
    {
        lock (_lock)
        {
            _connection++;
            _known = null;
        }
    }

    /// <param name="Mark">As it stands in Redis.</param>
    /// <param name="From">Of requests with a later timestamp Redis knows all that it alone was told of.</param>
    private sealed record Known(RedisValue Mark, DateTimeOffset From);

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "The memory of used requests in Redis was marked by a clock that was ahead. It begins anew: signed requests are answered 503 for {Seconds:0} s at most")]
        public static partial void BeginsAnew(ILogger logger, double seconds);
    }
}
