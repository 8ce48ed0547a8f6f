using System.Security.Cryptography;
using System.Text;
using AuthPlatform.ServiceDefaults;
using Microsoft.Extensions.Options;
using StackExchange.Redis;

namespace AuthPlatform.TokenApi.Requests;

internal enum ReplayOutcome
{
    /// <summary>Never seen before; now remembered.</summary>
    New,

    /// <summary>Seen before at the same endpoint.</summary>
    Repeated,

    /// <summary>Seen before at another endpoint.</summary>
    SeenElsewhere,

    /// <summary>Nobody can tell: the memory that would know is out of reach, or does not go back so far.</summary>
    Unknown,
}

/// <summary>
/// Accepts each signed request once, on all replicas together. Its memory is Redis, or the table replay_entries while Redis does not answer; it never fails open
/// across the change:
/// <list type="bullet">
/// <item>Redis lost: the table knows what was accepted since it was announced and all replicas had the time to hear of it. What carries an older timestamp may
/// be known to Redis alone and is answered <see cref="ReplayOutcome.Unknown"/>; a client that signs afresh gets through some seconds later. So Redis alone is
/// never enough for a timestamp ahead of the clock: such a request is in the table first.</item>
/// <item>Redis back: until the last row of the table is out of date, a request must be new to both.</item>
/// <item>Redis emptied, restarted or replaced: what was accepted before that it may not know (<see cref="ReplayMark"/>), so it is not believed about older timestamps either.</item>
/// <item>This machine's clock is wrong, because it stood still and goes on where it was, say: requests that it takes for new were accepted longer ago than anything is remembered.
/// So the clocks of the stores are asked as well.</item>
/// </list>
/// </summary>
internal sealed class ReplayGuard
{
    private static readonly RedisKey KeyPrefix = "replay:";
    private static readonly TimeSpan LatePatience = TimeSpan.FromSeconds(2);

    private readonly IConnectionMultiplexer _redis;
    private readonly RedisCalls _calls;
    private readonly ReplayMark _mark;
    private readonly ReplayTable _table;
    private readonly ReplayRows _rows;
    private readonly TimeSpan _memory;

    /// <summary>How far a timestamp may be from the right time, in seconds, where the clock is right that judges it.</summary>
    private readonly int _reach;

    private readonly TimeProvider _clock;
    private readonly TokenMetrics _metrics;
    private readonly RedisBreaker _breaker;

    public ReplayGuard(
        IConnectionMultiplexer redis,
        RedisCalls calls,
        RedisBreaker breaker,
        ReplayMark mark,
        ReplayTable table,
        ReplayRows rows,
        IOptions<SignedRequestOptions> options,
        TimeProvider clock,
        TokenMetrics metrics)
    {
        (_redis, _calls, _breaker, _mark, _table, _rows, _clock, _metrics) = (redis, calls, breaker, mark, table, rows, clock, metrics);
        _memory = options.Value.ReplayMemory;
        _reach = options.Value.SkewSeconds + (int)ClockCheck.Limit.TotalSeconds;
    }

    /// <summary>Remembers the request: a v2 one by its nonce, a v1 one by its signature.</summary>
    public async ValueTask<ReplayOutcome> RememberAsync(Application application, SignatureHeaders headers, long timestamp, SignedEndpoint endpoint, CancellationToken cancellationToken)
    {
        var (key, now) = (Key(application, headers), _table.Now);
        if (!RequestTimestamp.IsWithin(timestamp, _reach, now) && !await IsInTimeByRedisAsync(KeyPrefix.Append(key), timestamp, cancellationToken))
        {
            return ReplayOutcome.Unknown;
        }

        // Before Redis: when that loses its memory in this moment, the row is there for whoever looks.
        var isAhead = DateTimeOffset.FromUnixTimeSeconds(timestamp) > now + ReplayTable.Ahead;
        ReplayOutcome? row = isAhead ? await _rows.RememberAsync(key, endpoint, _memory) : null;
        if (row is not (null or ReplayOutcome.New))
        {
            return row.Value;
        }

        var (outcome, late) = await AskRedisAsync(key, timestamp, endpoint, cancellationToken);
        if (outcome is null)
        {
            _metrics.ReplayFallback();
            await _table.AnnounceAsync(cancellationToken);
            if (!_table.KnowsAll(timestamp))
            {
                // Only Redis can tell. If it is slow, or back, rather than gone, waiting is kinder than refusing: so it is asked even while the breaker is open.
                late ??= _redis.IsConnected ? AskAsync(KeyPrefix.Append(key), timestamp, endpoint) : null;
                outcome = await LateAnswerAsync(late, cancellationToken);
            }
        }

        var mayAskTable = outcome == ReplayOutcome.New ? _table.IsUsed : (outcome is null or ReplayOutcome.Unknown) && _table.KnowsAll(timestamp);
        return mayAskTable ? row ?? await _rows.RememberAsync(key, endpoint, _memory) : outcome ?? ReplayOutcome.Unknown;
    }

    /// <summary>
    /// Whether the clock of Redis agrees with this machine's, though the database's does not: then it is that one which is wrong, and nothing is forgotten. Asked only then, for it is
    /// one more question to Redis.
    /// </summary>
    private async Task<bool> IsInTimeByRedisAsync(RedisKey key, long timestamp, CancellationToken cancellationToken)
    {
        try
        {
            return RequestTimestamp.IsWithin(timestamp, _reach, await RedisServer.TimeAsync(_redis, key).WaitAsync(LatePatience, _clock, cancellationToken));
        }
        catch (Exception exception) when (exception is RedisException or TimeoutException)
        {
            return false;
        }
    }

    /// <summary>The answer within the patience of a request, or else the one that may still come; neither while the breaker is open.</summary>
    private async ValueTask<(ReplayOutcome? Outcome, Task<ReplayOutcome>? Late)> AskRedisAsync(byte[] key, long timestamp, SignedEndpoint endpoint, CancellationToken cancellationToken)
    {
        Task<ReplayOutcome>? asked = null;
        try
        {
            return (await _breaker.AskAsync(() => asked = AskAsync(KeyPrefix.Append(key), timestamp, endpoint), cancellationToken), null);
        }
        catch (Exception exception) when (RedisBreaker.IsAbsence(exception))
        {
            return (null, asked);
        }
    }

    private async Task<ReplayOutcome?> LateAnswerAsync(Task<ReplayOutcome>? late, CancellationToken cancellationToken)
    {
        try
        {
            return late is null ? null : await late.WaitAsync(LatePatience, _clock, cancellationToken);
        }
        catch (Exception exception) when (exception is RedisException or TimeoutException)
        {
            return null;
        }
    }

    /// <summary>Only who comes second needs to know what the first one wanted.</summary>
    private async Task<ReplayOutcome> AskAsync(RedisKey key, long timestamp, SignedEndpoint endpoint)
    {
        await _mark.LearnAsync();
        var name = endpoint.Name;
        var (isNew, mark) = await _calls.AskAsync("SET", "SET replay", redis => BothAsync(redis.StringSetAsync(key, name, _memory, When.NotExists), ReplayMark.ReadAsync(redis)));
        return isNew ? _mark.Covers(mark, timestamp) ? ReplayOutcome.New : ReplayOutcome.Unknown
            : await _calls.AskAsync("GET", "GET replay", redis => redis.StringGetAsync(key)) == name ? ReplayOutcome.Repeated
            : ReplayOutcome.SeenElsewhere;
    }

    private static async Task<(bool IsNew, RedisValue Mark)> BothAsync(Task<bool> remembering, Task<RedisValue> reading) => (await remembering, await reading);

    private static byte[] Key(Application application, SignatureHeaders headers)
    {
        byte[] text = [.. Encoding.ASCII.GetBytes($"{application.ClientId}\n{headers.Version}\n{headers.Nonce}\n"), .. headers.Version == 1 ? headers.Signatures.SelectMany(s => s) : []];
        return SHA256.HashData(text);
    }
}
