using System.Threading.Channels;
using AuthPlatform.TokenApi;
using Microsoft.Extensions.Time.Testing;

namespace AuthPlatform.UnitTests;

public sealed class BatcherTests
{
    private const int Bad = 13;

    private static readonly TimeSpan Moment = TimeSpan.FromMilliseconds(2);

    /// <summary>Rather a failure than a run that never ends.</summary>
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(1);

    private readonly Channel<int[]> _begun = Channel.CreateUnbounded<int[]>();
    private readonly Queue<TaskCompletionSource> _gates = new();
    private readonly FakeTimeProvider _clock = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task RunAsync_Idle_GoesOutAlone()
    {
        var batcher = Batcher(concurrency: 1);
        Assert.Equal("7", await batcher.RunAsync(7));
        await AssertNextBatchAsync(7);
        Assert.Equal("8", await batcher.RunAsync(8));
        await AssertNextBatchAsync(8);
    }

    [Fact]
    public async Task RunAsync_WhileOthersAreUnderWay_GoTogetherInTheirOrder()
    {
        var first = Gate();
        var batcher = Batcher(concurrency: 1, maxSize: 3);
        List<Task<string>> results = [batcher.RunAsync(0)];
        await AssertNextBatchAsync(0);
        results.AddRange(Enumerable.Range(1, 5).Select(batcher.RunAsync));
        first.SetResult();

        Assert.Equal(["0", "1", "2", "3", "4", "5"], await Task.WhenAll(results));
        await AssertNextBatchAsync(1, 2, 3);
        await AssertNextBatchAsync(4, 5);
    }

    [Fact]
    public async Task RunAsync_WaitedTooLong_IsNotDoneAnyMore()
    {
        var first = Gate();
        var batcher = Batcher(concurrency: 1);
        var hanging = batcher.RunAsync(0);
        await AssertNextBatchAsync(0);
        var old = batcher.RunAsync(1);
        _clock.Advance(Batcher<int, string>.Patience);
        var young = batcher.RunAsync(2);
        _clock.Advance(TimeSpan.FromMilliseconds(1));
        first.SetResult();

        Assert.Equal("0", await hanging);
        await Assert.ThrowsAsync<TimeoutException>(() => old);
        Assert.Equal("2", await young);
        await AssertNextBatchAsync(2);
        Assert.Equal("3", await batcher.RunAsync(3));
    }

    [Fact]
    public async Task RunSinceAsync_WaitedTooLongElsewhere_IsNotDoneAnyMore()
    {
        var since = _clock.GetTimestamp();
        _clock.Advance(Batcher<int, string>.Patience + TimeSpan.FromMilliseconds(1));
        var batcher = Batcher(concurrency: 1);

        await Assert.ThrowsAsync<TimeoutException>(() => batcher.RunSinceAsync(1, since));
        Assert.Equal("2", await batcher.RunAsync(2));
        await AssertNextBatchAsync(2);
    }

    [Fact]
    public async Task RunAsync_ManyWait_AnotherBatchGoesOutBeside()
    {
        var first = Gate();
        var batcher = Batcher(concurrency: 2, maxSize: 8);
        var slow = batcher.RunAsync(0);
        await AssertNextBatchAsync(0);
        var one = batcher.RunAsync(1);
        await WorkThatIsQueuedAsync();
        Assert.False(_begun.Reader.TryRead(out _));

        Assert.Equal(["1", "2"], await Task.WhenAll(one, batcher.RunAsync(2)));
        Assert.False(slow.IsCompleted);
        first.SetResult();
        Assert.Equal("0", await slow);
    }

    [Fact]
    public async Task RunAsync_OneTakesLong_AnotherBatchGoesOutBeside()
    {
        var first = Gate();
        var batcher = Batcher(concurrency: 2);
        var slow = batcher.RunAsync(0);
        await AssertNextBatchAsync(0);
        _clock.Advance(Batcher<int, string>.Long + TimeSpan.FromMilliseconds(1));

        Assert.Equal("1", await batcher.RunAsync(1));
        Assert.False(slow.IsCompleted);
        first.SetResult();
        Assert.Equal("0", await slow);
    }

    [Fact]
    public async Task RunAsync_AfterABatchOfSeveral_WaitsAMomentForOthers()
    {
        var first = Gate();
        var batcher = Batcher(concurrency: 1, maxSize: 20, moment: Moment);
        List<Task<string>> results = [batcher.RunAsync(0)];
        await AssertNextBatchAsync(0);
        results.AddRange(Enumerable.Range(1, Batcher<int, string>.Several).Select(batcher.RunAsync));
        first.SetResult();
        await Task.WhenAll(results);
        await AssertNextBatchAsync([.. Enumerable.Range(1, Batcher<int, string>.Several)]);

        List<Task<string>> next = [batcher.RunAsync(8)];
        await WorkThatIsQueuedAsync();
        Assert.False(_begun.Reader.TryRead(out _));
        next.Add(batcher.RunAsync(9));
        while (!next.TrueForAll(task => task.IsCompleted))
        {
            _clock.Advance(Moment);
            await WorkThatIsQueuedAsync();
        }

        await AssertNextBatchAsync(8, 9);
        Assert.Equal("10", await batcher.RunAsync(10));
        await AssertNextBatchAsync(10);
    }

    [Fact]
    public async Task RunAsync_LongAfterABatchOfSeveral_GoesOutAtOnce()
    {
        var first = Gate();
        var batcher = Batcher(concurrency: 1, maxSize: 20, moment: Moment);
        List<Task<string>> results = [batcher.RunAsync(0)];
        await AssertNextBatchAsync(0);
        results.AddRange(Enumerable.Range(1, Batcher<int, string>.Several).Select(batcher.RunAsync));
        first.SetResult();
        await Task.WhenAll(results);
        await WorkThatIsQueuedAsync();
        _clock.Advance(Batcher<int, string>.Long + Moment);

        Assert.Equal("8", await batcher.RunAsync(8).WaitAsync(Limit, TimeProvider.System, Cancellation));
    }

    [Fact]
    public async Task RunAsync_OneSpoilsTheBatch_OnlyThatOneFails()
    {
        var first = Gate();
        var batcher = Batcher(concurrency: 1);
        List<Task<string>> results = [batcher.RunAsync(0)];
        await AssertNextBatchAsync(0);
        results.AddRange(new[] { 1, Bad, 2 }.Select(batcher.RunAsync));
        first.SetResult();

        Assert.Equal(["0", "1", "2"], await Task.WhenAll(results[0], results[1], results[3]));
        await Assert.ThrowsAsync<FormatException>(() => results[2]);
        foreach (var batch in new int[][] { [1, Bad, 2], [1], [Bad], [2] })
        {
            await AssertNextBatchAsync(batch);
        }
    }

    /// <summary>What it waited for may be free a moment later; a second refusal is the answer.</summary>
    [Fact]
    public async Task RunAsync_OneIsRefusedThatWasAlone_IsTriedOnceMore()
    {
        var batcher = Batcher(concurrency: 1);

        await Assert.ThrowsAsync<FormatException>(() => batcher.RunAsync(Bad).WaitAsync(Limit, TimeProvider.System, Cancellation));

        await AssertNextBatchAsync(Bad);
        await AssertNextBatchAsync(Bad);
        Assert.False(_begun.Reader.TryRead(out _));
    }

    /// <summary>When each of them waits for a lock, the last ones would wait for all before them.</summary>
    [Fact]
    public async Task RunAsync_OneSpoilsTheBatchAndTakesLongAlone_FewAreTriedBesideItAndWhatHasWaitedTooLongIsNot()
    {
        var (first, together) = (Gate(), Gate());
        var alone = Enumerable.Range(0, Batcher<int, string>.Few).Select(_ => Gate()).ToList();
        var batcher = Batcher(concurrency: 1);
        List<Task<string>> results = [batcher.RunAsync(0)];
        await AssertNextBatchAsync(0);
        int[] items = [Bad, .. Enumerable.Range(1, alone.Count)];
        results.AddRange(items.Select(batcher.RunAsync));
        first.SetResult();
        await AssertNextBatchAsync(items);
        together.SetResult();
        foreach (var item in items.SkipLast(1))
        {
            await AssertNextBatchAsync(item);
        }

        _clock.Advance(Batcher<int, string>.Patience + TimeSpan.FromMilliseconds(1));
        alone.ForEach(gate => gate.SetResult());

        await Assert.ThrowsAsync<FormatException>(() => results[1]);
        await Assert.ThrowsAsync<TimeoutException>(() => results[^1]);
        Assert.False(_begun.Reader.TryRead(out _));
    }

    [Fact]
    public async Task RunAsync_AllFail_EachIsToldAndTheNextIsTried()
    {
        var first = Gate();
        var batcher = Batcher(concurrency: 1, spoils: _ => false);
        var before = batcher.RunAsync(0);
        await AssertNextBatchAsync(0);
        List<Task<string>> results = [.. new[] { Bad, 1 }.Select(batcher.RunAsync)];
        first.SetResult();

        await Assert.ThrowsAsync<FormatException>(() => results[0]);
        await Assert.ThrowsAsync<FormatException>(() => results[1]);
        Assert.Equal("0", await before);
        Assert.Equal("2", await batcher.RunAsync(2));
    }

    [Fact]
    public async Task RunAsync_ByManyThreads_EachGetsItsOwnResult()
    {
        var batcher = new Batcher<int, int>(
            2,
            5,
            async items =>
            {
                await Task.Yield();
                return [.. items.Select(item => item * 2)];
            },
            _ => false,
            TimeProvider.System);
        var results = await Task.WhenAll(Enumerable.Range(0, 2000).Select(item => Task.Run(() => batcher.RunAsync(item), Cancellation)));
        Assert.Equal(Enumerable.Range(0, 2000).Select(item => item * 2), results);
    }

    private async Task AssertNextBatchAsync(params int[] expected) => Assert.Equal(expected, await _begun.Reader.ReadAsync(Cancellation).AsTask().WaitAsync(Limit, TimeProvider.System, Cancellation));

    /// <summary>Long enough for whatever the thread pool was given before, and for a thread of it that was pushed aside in the middle of it.</summary>
    private static async Task WorkThatIsQueuedAsync()
    {
        for (var i = 0; i < 100; i++)
        {
            await Task.Run(() => { }, Cancellation);
        }

        for (var i = 0; i < 20; i++)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(1), TimeProvider.System, Cancellation);
        }
    }

    private TaskCompletionSource Gate()
    {
        var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _gates.Enqueue(gate);
        return gate;
    }

    /// <summary>Each batch waits for the next gate, as long as there is one.</summary>
    private Batcher<int, string> Batcher(int concurrency, int maxSize = 10, Func<Exception, bool>? spoils = null, TimeSpan moment = default) => new(
        concurrency,
        maxSize,
        async items =>
        {
            var gate = _gates.TryDequeue(out var next) ? next.Task : Task.CompletedTask;
            _begun.Writer.TryWrite([.. items]);
            await gate;
            return items.Contains(Bad) ? throw new FormatException() : [.. items.Select(item => $"{item}")];
        },
        spoils ?? (exception => exception is FormatException),
        _clock,
        moment);
}
