using AuthPlatform.TokenApi.Sessions;
using Microsoft.Extensions.Time.Testing;

namespace AuthPlatform.UnitTests.Sessions;

/// <summary>Who waits for whom, for how long, and that nothing is left of it.</summary>
public sealed class TurnsTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private readonly FakeTimeProvider _clock = new();
    private readonly Turns<string> _turns;

    public TurnsTests() => _turns = new Turns<string>(Patience, _clock);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Take_WhatOthersWant_WaitsForThemAndForNobodyElse()
    {
        await _turns.TakeAsync("user", Cancellation);
        var (second, third) = (_turns.TakeAsync("user", Cancellation), _turns.TakeAsync("user", Cancellation));
        await _turns.TakeAsync("stranger", Cancellation);
        Assert.False(second.IsCompleted);

        _turns.GiveBack("user");
        await second;
        Assert.False(third.IsCompleted);
        _turns.GiveBack("user");
        await third;
        Assert.Equal(2, _turns.Count);

        _turns.GiveBack("user");
        _turns.GiveBack("stranger");
        Assert.Equal(0, _turns.Count);
    }

    [Fact]
    public async Task Take_ForLongerThanThePatience_GivesUpAndIsPassedOver()
    {
        await _turns.TakeAsync("user", Cancellation);
        var tired = _turns.TakeAsync("user", Cancellation);
        _clock.Advance(Patience);
        Assert.Equal("It waited too long for what else is done with the user's sessions", (await Assert.ThrowsAsync<TimeoutException>(() => tired)).Message);

        var next = _turns.TakeAsync("user", Cancellation);
        _turns.GiveBack("user");
        await next;
        _turns.GiveBack("user");
        Assert.Equal(0, _turns.Count);
    }

    [Fact]
    public async Task Take_ByManyOfWhomSomeHangUp_NeverLetsTwoInAndLeavesNothing()
    {
        const int Keys = 4;
        var turns = new Turns<int>(TimeSpan.FromMinutes(5), TimeProvider.System);
        var inside = new int[Keys];

        await Task.WhenAll(Enumerable.Range(0, 4000).Select(number => Task.Run(() => TakeAsync(number), Cancellation)));

        Assert.Equal(0, turns.Count);

        async Task TakeAsync(int number)
        {
            var key = number % Keys;
            using var hangsUp = new CancellationTokenSource();
            var taking = turns.TakeAsync(key, hangsUp.Token);
            if (number % 3 == 0)
            {
                await hangsUp.CancelAsync();
            }

            try
            {
                await taking;
            }
            catch (OperationCanceledException)
            {
                return;
            }

            Assert.Equal(1, Interlocked.Increment(ref inside[key]));
            await Task.Yield();
            Interlocked.Decrement(ref inside[key]);
            turns.GiveBack(key);
        }
    }
}
