using AuthPlatform.TokenApi.Requests;
using Microsoft.Extensions.Time.Testing;

namespace AuthPlatform.UnitTests.Requests;

public sealed class RedisBreakerTests
{
    private readonly FakeTimeProvider _clock = new();
    private readonly RedisBreaker _breaker;

    public RedisBreakerTests() => _breaker = new RedisBreaker(_clock);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task AskAsync_NoAnswerSinceTheSilence_TimesOutAfterItsPatience()
    {
        await Ask(Answered(1));
        _clock.Advance(RedisBreaker.Silence);
        var asked = Ask(new TaskCompletionSource<int>());
        _clock.Advance(RedisBreaker.Patience - TimeSpan.FromMilliseconds(1));
        Assert.False(asked.IsCompleted);
        _clock.Advance(TimeSpan.FromMilliseconds(1));
        await Assert.ThrowsAsync<TimeoutException>(() => asked);
    }

    [Fact]
    public async Task AskAsync_ProcessStoodStillMeanwhile_LooksAgainBeforeItGivesUp()
    {
        await Ask(Answered(1));
        var (answered, unanswered) = (new TaskCompletionSource<int>(), new TaskCompletionSource<int>());
        var (seen, unseen) = (Ask(answered), Ask(unanswered));
        _clock.Advance(10 * RedisBreaker.Silence);
        Assert.False(seen.IsCompleted);
        Assert.False(unseen.IsCompleted);
        answered.SetResult(7);
        Assert.Equal(7, await seen);
        _clock.Advance(RedisBreaker.Silence);
        _clock.Advance(RedisBreaker.Patience);
        await Assert.ThrowsAsync<TimeoutException>(() => unseen);
    }

    [Fact]
    public async Task AskAsync_FirstOfAService_HasMorePatience()
    {
        var question = new TaskCompletionSource<int>();
        var asked = Ask(question);
        for (var i = 0; i < 9; i++)
        {
            _clock.Advance(RedisBreaker.Patience);
        }

        Assert.False(asked.IsCompleted);
        question.SetResult(7);
        Assert.Equal(7, await asked);
    }

    [Fact]
    public async Task AskAsync_OthersAreAnswered_WaitsForItsTurn()
    {
        var question = new TaskCompletionSource<int>();
        var asked = Ask(question);
        for (var i = 0; i < 6; i++)
        {
            _clock.Advance(RedisBreaker.Patience / 2);
            await Ask(Answered(i));
        }

        Assert.False(asked.IsCompleted);
        question.SetResult(7);
        Assert.Equal(7, await asked);
    }

    [Fact]
    public async Task AskAsync_OthersAreNoLongerAnswered_TimesOut()
    {
        await Ask(Answered(1));
        var asked = Ask(new TaskCompletionSource<int>());
        for (var waited = RedisBreaker.Patience; waited < RedisBreaker.Silence; waited += RedisBreaker.Patience)
        {
            _clock.Advance(RedisBreaker.Patience);
            Assert.False(asked.IsCompleted);
        }

        _clock.Advance(RedisBreaker.Patience);
        await Assert.ThrowsAsync<TimeoutException>(() => asked);
    }

    [Fact]
    public async Task AskAsync_NeverItsTurn_TimesOutAfterASecond()
    {
        var asked = Ask(new TaskCompletionSource<int>());
        for (var i = 0; i < 20; i++)
        {
            Assert.False(asked.IsCompleted);
            _clock.Advance(RedisBreaker.Patience / 2);
            await Ask(Answered(i));
        }

        await Assert.ThrowsAsync<TimeoutException>(() => asked);
    }

    [Fact]
    public async Task AskAsync_FiveFailures_AsksNoMoreForTenSeconds()
    {
        for (var i = 0; i < 5; i++)
        {
            await Assert.ThrowsAsync<TimeoutException>(() => Ask(Failed()));
        }

        var refusal = await Assert.ThrowsAnyAsync<Exception>(() => Ask(Answered(1)));
        Assert.True(RedisBreaker.IsAbsence(refusal));
        _clock.Advance(TimeSpan.FromSeconds(10));
        Assert.Equal(1, await Ask(Answered(1)));
    }

    /// <summary>Or Redis would not be asked for as long as the clock was set back by.</summary>
    [Fact]
    public async Task AskAsync_ClockSetBackWhileNobodyAsks_AsksAfterTheSameTenSeconds()
    {
        var clock = new ClockThatIsSet(_clock);
        var breaker = new RedisBreaker(clock);
        for (var i = 0; i < 5; i++)
        {
            await Assert.ThrowsAsync<TimeoutException>(() => breaker.AskAsync(() => Failed().Task, Cancellation).AsTask());
        }

        clock.Off = TimeSpan.FromHours(-9);
        _clock.Advance(TimeSpan.FromSeconds(9));
        var refusal = await Assert.ThrowsAnyAsync<Exception>(() => breaker.AskAsync(() => Answered(1).Task, Cancellation).AsTask());
        Assert.True(RedisBreaker.IsAbsence(refusal));
        _clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(1, await breaker.AskAsync(() => Answered(1).Task, Cancellation));
    }

    private static TaskCompletionSource<int> Answered(int answer)
    {
        var question = new TaskCompletionSource<int>();
        question.SetResult(answer);
        return question;
    }

    private static TaskCompletionSource<int> Failed()
    {
        var question = new TaskCompletionSource<int>();
        question.SetException(new TimeoutException());
        return question;
    }

    private Task<int> Ask(TaskCompletionSource<int> question) => _breaker.AskAsync(() => question.Task, Cancellation).AsTask();

    /// <summary>Somebody sets it; time passes all the same.</summary>
    private sealed class ClockThatIsSet(TimeProvider clock) : TimeProvider
    {
        public TimeSpan Off { get; set; }

        public override long TimestampFrequency => clock.TimestampFrequency;

        public override DateTimeOffset GetUtcNow() => clock.GetUtcNow() + Off;

        public override long GetTimestamp() => clock.GetTimestamp();

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) => clock.CreateTimer(callback, state, dueTime, period);
    }
}
