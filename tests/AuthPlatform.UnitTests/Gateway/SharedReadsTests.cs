using AuthPlatform.Gateway.Sharing;
using Microsoft.Extensions.Time.Testing;

namespace AuthPlatform.UnitTests.Gateway;

public sealed class SharedReadsTests
{
    private readonly FakeTimeProvider _clock = new();
    private readonly SharedReads<string, int> _reads;
    private int _begun;

    public SharedReadsTests() => _reads = new SharedReads<string, int>(_clock);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task ReadAsync_OneAfterAnother_ReadsEachTime()
    {
        Assert.Equal(1, await ReadAsync("a", Task.CompletedTask));
        Assert.Equal(2, await ReadAsync("a", Task.CompletedTask));
    }

    [Fact]
    public async Task ReadAsync_WhileOneIsUnderWay_SharesTheNextWhichBeginsAfterIt()
    {
        var (first, second) = (new TaskCompletionSource(), new TaskCompletionSource());
        var earlier = ReadAsync("a", first.Task);
        Task<int>[] later = [.. Enumerable.Range(0, 5).Select(_ => ReadAsync("a", second.Task))];
        Assert.Equal(1, _begun);

        first.SetResult();
        Assert.Equal(1, await earlier);
        await BegunAsync(2);
        var latest = ReadAsync("a", Task.CompletedTask);
        second.SetResult();
        Assert.All(await Task.WhenAll(later), value => Assert.Equal(2, value));
        Assert.Equal(3, await latest);
    }

    [Fact]
    public async Task ReadAsync_OfSomethingElse_WaitsForNobody()
    {
        var first = new TaskCompletionSource();
        var one = ReadAsync("a", first.Task);
        Assert.Equal(2, await ReadAsync("b", Task.CompletedTask));
        first.SetResult();
        Assert.Equal(1, await one);
    }

    [Fact]
    public async Task ReadAsync_OneTakesLong_TheNextBeginsBesideIt()
    {
        var first = new TaskCompletionSource();
        var slow = ReadAsync("a", first.Task);
        var next = ReadAsync("a", Task.CompletedTask);
        Assert.False(next.IsCompleted);
        _clock.Advance(SharedReads<string, int>.Patience);

        Assert.Equal(2, await next);
        Assert.Equal(3, await ReadAsync("a", Task.CompletedTask));
        first.SetResult();
        Assert.Equal(1, await slow);
        Assert.Equal(4, await ReadAsync("a", Task.CompletedTask));
    }

    [Fact]
    public async Task ReadAsync_OneFails_ThoseWhoSharedItAreToldAndTheNextIsTried()
    {
        var (first, second) = (new TaskCompletionSource(), new TaskCompletionSource());
        var earlier = ReadAsync("a", first.Task);
        Task<int>[] later = [ReadAsync("a", second.Task), ReadAsync("a", second.Task)];
        first.SetException(new FormatException());
        await Assert.ThrowsAsync<FormatException>(() => earlier);
        second.SetException(new FormatException());

        await Assert.ThrowsAsync<FormatException>(() => later[0]);
        await Assert.ThrowsAsync<FormatException>(() => later[1]);
        Assert.Equal(3, await ReadAsync("a", Task.CompletedTask));
    }

    [Fact]
    public async Task ReadAsync_WhoeverReadsForOthersLeaves_TheyAreServed()
    {
        using var leaving = new CancellationTokenSource();
        var (first, second) = (new TaskCompletionSource(), new TaskCompletionSource());
        var earlier = ReadAsync("a", first.Task);
        var reader = ReadAsync("a", second.Task, leaving.Token);
        var stays = ReadAsync("a", second.Task);
        var leaves = ReadAsync("a", second.Task, leaving.Token);
        await leaving.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => leaves);

        first.SetResult();
        second.SetResult();
        Assert.Equal((1, 2, 2), (await earlier, await stays, await reader));
    }

    /// <summary>Nobody is given what was read before they asked.</summary>
    [Fact]
    public async Task ReadAsync_ByManyThreads_IsNeverOlderThanTheQuestion()
    {
        var version = 0;
        var reads = new SharedReads<int, int>(TimeProvider.System);
        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(
            async () =>
            {
                for (var i = 0; i < 2000; i++)
                {
                    var asked = Interlocked.Increment(ref version);
                    Assert.True(await reads.ReadAsync(i % 3, VersionAsync, Cancellation) >= asked);
                }
            },
            Cancellation)));

        async Task<int> VersionAsync()
        {
            var now = Volatile.Read(ref version);
            await Task.Yield();
            return now;
        }
    }

    /// <summary>The number of the read, once it may end.</summary>
    private Task<int> ReadAsync(string key, Task mayEnd, CancellationToken? cancellationToken = null) => _reads.ReadAsync(
        key,
        async () =>
        {
            var number = Interlocked.Increment(ref _begun);
            await mayEnd;
            return number;
        },
        cancellationToken ?? Cancellation);

    private async Task BegunAsync(int number)
    {
        while (Volatile.Read(ref _begun) < number)
        {
            await Task.Yield();
            Cancellation.ThrowIfCancellationRequested();
        }
    }
}
