using Polly;
using Polly.CircuitBreaker;
using StackExchange.Redis;

namespace AuthPlatform.TokenApi.Requests;

/// <summary>
/// Asks Redis with the little patience that a request has: 100 ms; after five failures not at all for ten seconds. Postgres is the one to ask instead. But for half
/// a second after any answer, and until the first one, it is no outage but a queue, or a service that has just started, which asking Postgres too would only make
/// slower: then an answer has up to a second. Nor is it an outage when this process itself stood still, which a wait that ends late tells: an answer may be there already.
/// </summary>
internal sealed class RedisBreaker
{
    public static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(100);
    public static readonly TimeSpan Silence = TimeSpan.FromMilliseconds(500);

    private const int MostWaits = 10;

    private readonly TimeProvider _clock;
    private readonly ResiliencePipeline _breaker;
    private long _answeredAt = long.MinValue;

    public RedisBreaker(TimeProvider clock)
    {
        _clock = clock;
        // It is open until a time, which a clock that is set back would put off.
        _breaker = new ResiliencePipelineBuilder { TimeProvider = new SteadyClock(clock) }
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
        _breaker.ExecuteAsync(static (state, cancellation) => state.Breaker.WaitAsync(state.Ask(), cancellation), (Breaker: this, Ask: ask), cancellationToken);

    private async ValueTask<T> WaitAsync<T>(Task<T> asked, CancellationToken cancellationToken)
    {
        for (var waits = 0; waits < MostWaits; waits++)
        {
            var began = _clock.GetTimestamp();
            await ((Task)asked).WaitAsync(Patience, _clock, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            var stoodStill = _clock.GetElapsedTime(began) >= 2 * Patience;
            if (asked.IsCompleted || cancellationToken.IsCancellationRequested || !(stoodStill || IsAnswering()))
            {
                break;
            }
        }

        cancellationToken.ThrowIfCancellationRequested();
        if (!asked.IsCompleted)
        {
            throw new TimeoutException("Redis does not answer.");
        }

        var answer = await asked;
        Volatile.Write(ref _answeredAt, _clock.GetTimestamp());
        return answer;
    }

    private bool IsAnswering()
    {
        var at = Volatile.Read(ref _answeredAt);
        return at == long.MinValue || _clock.GetElapsedTime(at) < Silence;
    }
}
