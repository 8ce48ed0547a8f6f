using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Options;
using Polly;
using Polly.CircuitBreaker;
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

    /// <summary>Nobody can tell: the memory that would know is out of reach.</summary>
    Unknown,
}

/// <summary>
/// Accepts each signed request once. Its memory is Redis, or the table replay_entries while Redis does not answer; it never fails open across the change:
/// <list type="bullet">
/// <item>Redis lost: what it alone remembers carries a timestamp no later than its last answer, or than the latest timestamp accepted of that application.
/// Such requests are answered <see cref="ReplayOutcome.Unknown"/>; a client that signs afresh gets through.</item>
/// <item>Redis back: until the last row of the table is out of date, a request must be new to both.</item>
/// </list>
/// </summary>
internal sealed class ReplayGuard
{
    private static readonly RedisKey KeyPrefix = "replay:";
    private static readonly TimeSpan RedisPatience = TimeSpan.FromMilliseconds(100);

    private readonly IConnectionMultiplexer _redis;
    private readonly ReplayTable _table;
    private readonly TimeSpan _memory;
    private readonly TimeProvider _clock;
    private readonly TokenMetrics _metrics;
    private readonly ResiliencePipeline _breaker;
    private readonly ConcurrentDictionary<string, long> _latestTimestamps = new(StringComparer.Ordinal);
    private long _lastRedisAnswer;

    public ReplayGuard(IConnectionMultiplexer redis, ReplayTable table, IOptions<SignedRequestOptions> options, TimeProvider clock, TokenMetrics metrics)
    {
        (_redis, _table, _clock, _metrics) = (redis, table, clock, metrics);
        _memory = options.Value.ReplayMemory;
        // Until this process has heard from Redis, others may have used it up to now.
        _lastRedisAnswer = clock.GetUtcNow().ToUnixTimeSeconds();
        _breaker = new ResiliencePipelineBuilder { TimeProvider = clock }
            .AddCircuitBreaker(new CircuitBreakerStrategyOptions
            {
                FailureRatio = 0.5,
                MinimumThroughput = 5,
                SamplingDuration = TimeSpan.FromSeconds(10),
                BreakDuration = TimeSpan.FromSeconds(10),
                ShouldHandle = new PredicateBuilder().Handle<RedisException>().Handle<TimeoutException>(),
            })
            .Build();
    }

    /// <summary>Remembers the request: a v2 one by its nonce, a v1 one by its signature.</summary>
    public async ValueTask<ReplayOutcome> RememberAsync(Application application, SignatureHeaders headers, long timestamp, SignedEndpoint endpoint, CancellationToken cancellationToken)
    {
        var key = Key(application, headers);
        var outcome = await AskRedisAsync(key, endpoint, cancellationToken);
        var latest = Volatile.Read(ref _lastRedisAnswer);
        if (outcome is null)
        {
            _metrics.ReplayFallback();
            return timestamp <= latest || (_latestTimestamps.TryGetValue(application.ClientId, out var seen) && timestamp <= seen)
                ? ReplayOutcome.Unknown
                : await _table.RememberAsync(key, endpoint, _memory, cancellationToken);
        }

        if (outcome == ReplayOutcome.New)
        {
            _latestTimestamps.AddOrUpdate(application.ClientId, timestamp, (_, seen) => Math.Max(seen, timestamp));
        }

        return outcome == ReplayOutcome.New && _table.MayHoldMoreThanRedis
            ? await _table.RememberAsync(key, endpoint, _memory, cancellationToken)
            : outcome.Value;
    }

    /// <summary>One round trip; null when Redis did not answer in time.</summary>
    private async ValueTask<ReplayOutcome?> AskRedisAsync(byte[] key, SignedEndpoint endpoint, CancellationToken cancellationToken)
    {
        try
        {
            var outcome = await _breaker.ExecuteAsync(
                static async (call, cancellation) =>
                {
                    var database = call.Guard._redis.GetDatabase();
                    var isNew = database.StringSetAsync(call.RedisKey, call.Endpoint.Name, call.Guard._memory, When.NotExists);
                    var known = database.StringGetAsync(call.RedisKey);
                    return Outcome(
                        await isNew.WaitAsync(RedisPatience, call.Guard._clock, cancellation),
                        await known.WaitAsync(RedisPatience, call.Guard._clock, cancellation),
                        call.Endpoint);
                },
                (Guard: this, RedisKey: KeyPrefix.Append(key), Endpoint: endpoint),
                cancellationToken);
            Volatile.Write(ref _lastRedisAnswer, _clock.GetUtcNow().ToUnixTimeSeconds());
            return outcome;
        }
        catch (Exception exception) when (exception is RedisException or TimeoutException or BrokenCircuitException)
        {
            return null;
        }
    }

    private static ReplayOutcome Outcome(bool isNew, RedisValue known, SignedEndpoint endpoint) =>
        isNew ? ReplayOutcome.New
        : known == endpoint.Name ? ReplayOutcome.Repeated
        : ReplayOutcome.SeenElsewhere;

    private static byte[] Key(Application application, SignatureHeaders headers)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(Encoding.ASCII.GetBytes($"{application.ClientId}\n{headers.Version}\n{headers.Nonce}\n"));
        foreach (var signature in headers.Version == 1 ? headers.Signatures : [])
        {
            hash.AppendData(signature);
        }

        return hash.GetHashAndReset();
    }
}
