using AuthPlatform.LoadGenerator;
using Microsoft.Extensions.Time.Testing;

namespace AuthPlatform.UnitTests.LoadGenerator;

public sealed class LoadTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(0)]
    [InlineData(1000)]
    public async Task RunAsync_NothingLeft_EndsEarlyWithAllThatWasDone(double rate)
    {
        var left = 100;
        var load = new Load("test", (_, _) => Interlocked.Decrement(ref left) >= 0 ? Task.FromResult(new Answer(200, [], null)) : throw new NothingLeftException(), 8, TimeProvider.System);
        var result = await load.RunAsync(TimeSpan.FromHours(1), rate, null, Cancellation);
        Assert.Equal(100, result.Operations);
        Assert.Empty(result.Errors);
    }

    [Fact]
    public async Task RunAsync_Refused_CountsEachKindAndNoneOfThemAsDone()
    {
        var number = 0;
        var load = new Load(
            "test",
            (_, _) => Interlocked.Increment(ref number) switch
            {
                1 => Task.FromResult(new Answer(304, [], null)),
                2 or 3 => Task.FromResult(new Answer(429, [], null)),
                4 => throw new HttpRequestException(),
                _ => throw new NothingLeftException(),
            },
            1,
            TimeProvider.System);
        var result = await load.RunAsync(TimeSpan.FromHours(1), 0, null, Cancellation);
        Assert.Equal(1, result.Operations);
        Assert.Equal(new Dictionary<string, int> { ["status 429"] = 2, [nameof(HttpRequestException)] = 1 }, result.Errors);
    }

    [Fact]
    public async Task RunAsync_StalledInAnOpenLoop_CountsTheWaitOfThoseThatWereDueMeanwhile()
    {
        var number = 0;
        var load = new Load(
            "test",
            async (_, cancel) =>
            {
                // One stalls; the nine due behind it are answered at once when it is done.
                switch (Interlocked.Increment(ref number))
                {
                    case 1:
                        await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System, cancel);
                        break;
                    case > 10:
                        throw new NothingLeftException();
                }

                return new Answer(200, [], null);
            },
            1,
            TimeProvider.System);
        var result = await load.RunAsync(TimeSpan.FromHours(1), 1000, null, Cancellation);
        // The last of them was due after 9 ms.
        Assert.True(result.P50 >= 85, $"{result.P50} ms");
    }

    [Fact]
    public async Task RunAsync_AnswerAfterTwoMinutes_CountsAsOneMinute()
    {
        var result = await RunAsync((200, TimeSpan.FromMinutes(2)));
        Assert.Equal(1, result.Operations);
        Assert.InRange(result.Max, 59_900, 60_100);
    }

    [Fact]
    public async Task RunAsync_Refused_HasNoPartInTheLatencies()
    {
        var result = await RunAsync((429, TimeSpan.FromSeconds(5)), (200, TimeSpan.FromMilliseconds(10)), (503, TimeSpan.FromSeconds(5)));
        Assert.InRange(result.Max, 9.9, 10.1);
    }

    [Theory]
    [InlineData(new double[] { 3, 1, 2 }, 2, 1, 3)]
    [InlineData(new double[] { 4, 1, 2, 3 }, 2.5, 1, 4)]
    [InlineData(new double[] { 5 }, 5, 5, 5)]
    public void Spread_OfNumbers_HasTheirMedianLeastAndGreatest(double[] numbers, double median, double least, double greatest) =>
        Assert.Equal(new Spread(median, least, greatest), Spread.Of(numbers, number => number));

    /// <summary>One after the other.</summary>
    private static Task<LoadResult> RunAsync(params (int Status, TimeSpan Takes)[] answers)
    {
        var clock = new FakeTimeProvider();
        var left = new Queue<(int Status, TimeSpan Takes)>(answers);
        var load = new Load("test", (_, _) => Next(), 1, clock);
        return load.RunAsync(TimeSpan.FromHours(1), 0, null, Cancellation);

        Task<Answer> Next()
        {
            if (!left.TryDequeue(out var answer))
            {
                throw new NothingLeftException();
            }

            clock.Advance(answer.Takes);
            return Task.FromResult(new Answer(answer.Status, [], null));
        }
    }
}
