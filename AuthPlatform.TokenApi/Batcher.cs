using System.Diagnostics;

namespace AuthPlatform.TokenApi;

/// <summary>
/// Lets work that arrives together go out together. An item goes out at once while nothing else is under way, so an idle service loses no time; what arrives meanwhile goes
/// out with the next batch, so a busy service pays for one round trip instead of many. Another batch goes out beside it only when many wait, or when it takes long.
/// What comes in bursts can be waited for: right after a batch of several, the next one goes out a moment later unless many wait already.
/// </summary>
/// <param name="concurrency">How many batches are under way at most.</param>
/// <param name="maxSize">How many items a batch has at most.</param>
/// <param name="run">Does a batch: a result for each item, in their order, or an exception for all.</param>
/// <param name="spoils">Whether an exception may be the fault of a single item, and nothing of the batch was done: then each item is tried alone, <see cref="Few"/> at a time.</param>
/// <param name="clock">The time.</param>
/// <param name="moment">How long after a batch of <see cref="Several"/> or more the next one waits for others; by default not at all.</param>
internal sealed class Batcher<TItem, TResult>(
    int concurrency, int maxSize, Func<IReadOnlyList<TItem>, Task<IReadOnlyList<TResult>>> run, Func<Exception, bool> spoils, TimeProvider clock, TimeSpan moment = default)
{
    /// <summary>So many do not come together by chance: there will be more.</summary>
    public const int Several = 4;

    /// <summary>So many of a spoiled batch are tried side by side: one after the other, some that wait for a lock would use up the patience of all behind them.</summary>
    public const int Few = 3;

    /// <summary>Longer than a batch takes unless it waits for something: the others do not have to.</summary>
    public static readonly TimeSpan Long = TimeSpan.FromMilliseconds(30);

    /// <summary>
    /// What has waited longer is not done any more. While a store hangs, more comes than goes out: the queue would grow, and when the store is back, be worked off for callers
    /// who have long given up, or tried again elsewhere.
    /// </summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private readonly int _many = Math.Max(1, maxSize / 4);
    private readonly Lock _turn = new();
    private readonly Queue<Waiting> _waiting = new();
    private int _running;
    private int _lastSize;
    private long _lastBegan;

    /// <summary>Does one item. Cannot be cancelled: what has gone out may have happened.</summary>
    /// <exception cref="TimeoutException">It has waited longer than <see cref="Patience"/>, and was not done.</exception>
    public Task<TResult> RunAsync(TItem item) => RunSinceAsync(item, clock.GetTimestamp());

    /// <summary>The same for one that has waited for something else before: since this timestamp.</summary>
    public Task<TResult> RunSinceAsync(TItem item, long since) =>
        BatchSpans.AreWanted ? RunTracedAsync(item, since) : WaitAsync(new Waiting(item, since, span: null));

    /// <summary>With a span of its own for the wait: what is done for all of a batch is, as a rule, in the trace of another one.</summary>
    private async Task<TResult> RunTracedAsync(TItem item, long since)
    {
        using var span = BatchSpans.Start();
        return await WaitAsync(new Waiting(item, since, span));
    }

    private Task<TResult> WaitAsync(Waiting mine)
    {
        lock (_turn)
        {
            _waiting.Enqueue(mine);
            if (_running > 0 && !IsAnotherWorthwhile())
            {
                return mine.Task;
            }

            if (clock.GetElapsedTime(_lastBegan) > Long)
            {
                // Whatever came together then, this does not belong to it.
                _lastSize = 0;
            }

            _running++;
            _lastBegan = clock.GetTimestamp();
        }

        // Behind what already waits for a thread: of a busy service's requests, those that have arrived come along.
        ThreadPool.UnsafeQueueUserWorkItem(static batcher => _ = batcher.WorkAsync(), this, preferLocal: false);
        return mine.Task;
    }

    private bool IsAnotherWorthwhile() => _running < concurrency && (_waiting.Count >= _many || clock.GetElapsedTime(_lastBegan) > Long);

    private async Task WorkAsync()
    {
        do
        {
            if (AreMoreToCome())
            {
                await Task.Delay(moment, clock);
            }
        }
        while (await RunNextAsync());
    }

    private bool AreMoreToCome()
    {
        lock (_turn)
        {
            return moment > TimeSpan.Zero && _lastSize >= Several && _waiting.Count > 0 && _waiting.Count < _many;
        }
    }

    /// <summary>False when none waited.</summary>
    private async Task<bool> RunNextAsync()
    {
        var batch = Take();
        if (batch.Count > 0)
        {
            await RunAsync(batch, isFirst: true);
        }

        return batch.Count > 0;
    }

    private List<Waiting> Take()
    {
        lock (_turn)
        {
            var batch = new List<Waiting>(Math.Min(_waiting.Count, maxSize));
            while (batch.Count < maxSize && _waiting.TryDequeue(out var next))
            {
                if (!GivesUp(next))
                {
                    batch.Add(next);
                }
            }

            if (batch.Count == 0)
            {
                _running--;
            }
            else
            {
                _lastSize = batch.Count;
                _lastBegan = clock.GetTimestamp();
            }

            return batch;
        }
    }

    /// <summary>Whether it has waited too long, and is told so.</summary>
    private bool GivesUp(Waiting waiting)
    {
        var isOver = clock.GetElapsedTime(waiting.Since) > Patience;
        if (isOver)
        {
            waiting.SetException(new TimeoutException("It waited too long for others to be done"));
        }

        return isOver;
    }

    private async Task RunAsync(List<Waiting> batch, bool isFirst)
    {
        EnterTrace(batch);
        try
        {
            var results = await run([.. batch.Select(waiting => waiting.Item)]);
            for (var i = 0; i < batch.Count; i++)
            {
                batch[i].SetResult(results[i]);
            }
        }
        catch (Exception exception) when (isFirst && spoils(exception))
        {
            using var room = new SemaphoreSlim(Few);
            await Task.WhenAll(batch.Select(waiting => RunAloneAsync(waiting, room)));
        }
        catch (Exception exception)
        {
            batch.ForEach(waiting => waiting.SetException(exception));
        }
    }

    /// <summary>
    /// Spans of what is done belong to the request that has waited longest of those whose traces are kept: another's would be seen by nobody. The spans of the others lead there.
    /// </summary>
    private static void EnterTrace(List<Waiting> batch)
    {
        var kept = batch.Find(static waiting => waiting.Trace is { Recorded: true })?.Trace;
        Activity.Current = kept ?? batch[0].Trace;
        if (kept is null)
        {
            return;
        }

        foreach (var waiting in batch)
        {
            if (waiting.Span is { } span && span != kept)
            {
                span.AddLink(new ActivityLink(kept.Context));
            }
        }
    }

    private async Task RunAloneAsync(Waiting waiting, SemaphoreSlim room)
    {
        await room.WaitAsync();
        try
        {
            if (!GivesUp(waiting))
            {
                await RunAsync([waiting], isFirst: false);
            }
        }
        finally
        {
            room.Release();
        }
    }

    private sealed class Waiting(TItem item, long since, Activity? span) : TaskCompletionSource<TResult>(TaskCreationOptions.RunContinuationsAsynchronously)
    {
        public TItem Item => item;

        public long Since => since;

        /// <summary>Around its wait; null when there is none.</summary>
        public Activity? Span => span;

        public Activity? Trace { get; } = Activity.Current;
    }
}
