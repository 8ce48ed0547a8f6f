using Polly;
using Polly.CircuitBreaker;
using StackExchange.Redis;

namespace AuthPlatform.TokenApi.Requests;

/// <summary>
/// Asks Redis with the little patience that a request has: 100 ms; after five failures not at all for ten seconds. Postgres is the one to ask instead.
/// </summary>
internal sealed class RedisBreaker
{
    public static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(100);

    private readonly TimeProvider _clock;
    private readonly ResiliencePipeline _breaker;

    public RedisBreaker(TimeProvider clock)
    {
        _clock = clock;
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

    /// <summary>Whether an exception means that Redis did not answer.</summary>
    public static bool IsAbsence(Exception exception) => exception is RedisException or TimeoutException or BrokenCircuitException;

    /// <summary>Waits for the answer to a question.</summary>
    /// <param name="ask">Sends the question; not called while the breaker is open.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public ValueTask<T> AskAsync<T>(Func<Task<T>> ask, CancellationToken cancellationToken) =>
        _breaker.ExecuteAsync(async cancellation => await ask().WaitAsync(Patience, _clock, cancellation), cancellationToken);
}
