using System.Diagnostics;
using System.Diagnostics.Metrics;
using StackExchange.Redis;

namespace AuthPlatform.TokenApi.Requests;

/// <summary>
/// What requests ask Redis. Questions that arrive together are sent together: each packet by itself costs both sides more than its command. They have spans and durations
/// by the conventions for database clients: the Redis client makes neither.
/// </summary>
internal sealed class RedisCalls
{
    /// <summary>When one batch is not answered, the next ones are not held up.</summary>
    private const int Concurrency = 8;

    private const int MaxSize = 64;
    private static readonly ActivitySource Tracing = new(TokenMetrics.MeterName);

    private readonly IConnectionMultiplexer _redis;
    private readonly TimeProvider _clock;
    private readonly Histogram<double> _duration;
    private readonly Batcher<Func<IDatabaseAsync, Task>, Task> _batches;

    public RedisCalls(IConnectionMultiplexer redis, IMeterFactory meters, TimeProvider clock)
    {
        (_redis, _clock) = (redis, clock);
        _batches = new(Concurrency, MaxSize, SendAsync, _ => false, clock);
        _duration = meters.Create(TokenMetrics.MeterName).CreateHistogram<double>(
            "db.client.operation.duration", "s", "Duration of database client operations.", advice: new() { HistogramBucketBoundaries = [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10] });
    }

    /// <summary>Sends one command.</summary>
    /// <param name="command">Its name, such as <c>SET</c>.</param>
    /// <param name="spanName">What the span is called.</param>
    /// <param name="send">Gives it to the client.</param>
    /// <exception cref="RedisException">There is no connection, or the server refused it.</exception>
    /// <exception cref="TimeoutException">The server did not answer.</exception>
    public async Task<T> AskAsync<T>(string command, string spanName, Func<IDatabaseAsync, Task<T>> send)
    {
        // Measured within the span, so that the measurement can name its trace.
        using var span = Tracing.StartActivity(spanName, ActivityKind.Client);
        span?.SetTag("db.system.name", "redis");
        long? began = _duration.Enabled ? _clock.GetTimestamp() : null;
        try
        {
            return await (Task<T>)await _batches.RunAsync(send);
        }
        finally
        {
            if (began is { } since)
            {
                _duration.Record(_clock.GetElapsedTime(since).TotalSeconds, new("db.system.name", "redis"), new("db.operation.name", command));
            }
        }
    }

    /// <summary>Gives the answers as they came: that one failed says nothing of the others.</summary>
    private async Task<IReadOnlyList<Task>> SendAsync(IReadOnlyList<Func<IDatabaseAsync, Task>> sends)
    {
        var database = _redis.GetDatabase();
        Task[] answers;
        if (sends is [var only])
        {
            answers = [only(database)];
        }
        else
        {
            var batch = database.CreateBatch();
            answers = [.. sends.Select(send => send(batch))];
            batch.Execute();
        }

        await Task.WhenAll(answers).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return answers;
    }
}
