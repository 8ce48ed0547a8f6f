using AuthPlatform.TokenApi;

namespace AuthPlatform.UnitTests;

public sealed class BatcherTests
{
    private const int Bad = 13;

    private readonly List<int[]> _batches = [];
    private readonly Queue<TaskCompletionSource> _gates = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task RunAsync_Idle_GoesOutBeforeItReturns()
    {
        var batcher = Batcher(concurrency: 1);
        var result = batcher.RunAsync(7);
        Assert.Equal([7], Assert.Single(_batches));
        Assert.Equal("7", await result);
    }

    [Fact]
    public async Task RunAsync_WhileOthersAreUnderWay_GoTogetherInTheirOrder()
    {
        var (first, second) = (Gate(), Gate());
        var batcher = Batcher(concurrency: 2, maxSize: 3);
        List<Task<string>> results = [.. Enumerable.Range(0, 7).Select(batcher.RunAsync)];
        Assert.Equal([[0], [1]], _batches);

        second.SetResult();
        await Task.WhenAll(results.Skip(1)).WaitAsync(Cancellation);
        Assert.Equal([[0], [1], [2, 3, 4], [5, 6]], _batches);
        Assert.False(results[0].IsCompleted);

        first.SetResult();
        Assert.Equal(["0", "1", "2", "3", "4", "5", "6"], await Task.WhenAll(results));
    }

    [Fact]
    public async Task RunAsync_OneSpoilsTheBatch_OnlyThatOneFails()
    {
        var first = Gate();
        var batcher = Batcher(concurrency: 1);
        List<Task<string>> results = [.. new[] { 0, 1, Bad, 2 }.Select(batcher.RunAsync)];
        first.SetResult();

        Assert.Equal(["0", "1", "2"], await Task.WhenAll(results[0], results[1], results[3]));
        await Assert.ThrowsAsync<FormatException>(() => results[2]);
        Assert.Equal([[0], [1, Bad, 2], [1], [Bad], [2]], _batches);
    }

    [Fact]
    public async Task RunAsync_AllFail_EachIsToldAndTheNextIsTried()
    {
        var first = Gate();
        var batcher = Batcher(concurrency: 1, spoils: _ => false);
        List<Task<string>> results = [.. new[] { 0, Bad, 1 }.Select(batcher.RunAsync)];
        first.SetResult();

        await Assert.ThrowsAsync<FormatException>(() => results[1]);
        await Assert.ThrowsAsync<FormatException>(() => results[2]);
        Assert.Equal("2", await batcher.RunAsync(2));
    }

    [Fact]
    public async Task RunAsync_ByManyThreads_EachGetsItsOwnResult()
    {
        var batcher = new Batcher<int, int>(2, 5, async items =>
        {
            await Task.Yield();
            return [.. items.Select(item => item * 2)];
        }, _ => false);
        var results = await Task.WhenAll(Enumerable.Range(0, 2000).Select(item => Task.Run(() => batcher.RunAsync(item), Cancellation)));
        Assert.Equal(Enumerable.Range(0, 2000).Select(item => item * 2), results);
    }

    private TaskCompletionSource Gate()
    {
        var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _gates.Enqueue(gate);
        return gate;
    }

    /// <summary>Each batch waits for the next gate, as long as there is one.</summary>
    private Batcher<int, string> Batcher(int concurrency, int maxSize = 10, Func<Exception, bool>? spoils = null) => new(concurrency, maxSize, async items =>
    {
        _batches.Add([.. items]);
        if (_gates.TryDequeue(out var gate))
        {
            await gate.Task;
        }

        return items.Contains(Bad) ? throw new FormatException() : [.. items.Select(item => $"{item}")];
    }, spoils ?? (exception => exception is FormatException));
}
