using AuthPlatform.KeyManager.Keys;
using Microsoft.Extensions.Time.Testing;

namespace AuthPlatform.UnitTests.KeyManager;

public sealed class DatabaseClockTests
{
    private readonly FakeTimeProvider _machine = new();

    [Theory]
    [InlineData(15 * 86_400)]
    [InlineData(-15 * 86_400)]
    [InlineData(5)]
    public void Time_OfAMachineThatIsOff_IsThatOfTheDatabaseAndGoesOnWithoutIt(int seconds)
    {
        var there = _machine.GetUtcNow();
        _machine.AdjustTime(there.AddSeconds(seconds));
        var clock = new DatabaseClock(_machine);

        clock.Learn(there, clock.GetTimestamp());
        Assert.Equal(there, clock.GetUtcNow());
        Assert.Equal(seconds == 5, clock.Agrees);
        _machine.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(there.AddMinutes(1), clock.GetUtcNow());

        // Somebody sets it right.
        _machine.AdjustTime(there.AddMinutes(1));
        clock.Learn(there.AddMinutes(1), clock.GetTimestamp());
        Assert.Equal(there.AddMinutes(1), clock.GetUtcNow());
        Assert.True(clock.Agrees);
    }

    [Fact]
    public void Time_WhileTheDatabaseTakesLongToAnswer_StaysAsItIs()
    {
        var clock = new DatabaseClock(_machine);
        var (asked, there) = (clock.GetTimestamp(), _machine.GetUtcNow().AddSeconds(10));
        _machine.Advance(TimeSpan.FromSeconds(30));

        clock.Learn(there, asked);

        Assert.Equal(_machine.GetUtcNow(), clock.GetUtcNow());
    }
}
