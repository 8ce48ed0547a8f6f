using AuthPlatform.TokenApi.Sessions;

namespace AuthPlatform.UnitTests.Sessions;

public sealed class LiveSessionTests
{
    private static readonly DateTimeOffset Refreshed = new(2026, 11, 27, 12, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData(2, 0, true)]
    [InlineData(2, 29, true)]
    [InlineData(2, 30, false)]
    [InlineData(1, 0, false)]
    [InlineData(3, 0, false)]
    // The database's clock was set back: a little, and by more than clocks may be apart.
    [InlineData(2, -15, true)]
    [InlineData(2, -16, false)]
    [InlineData(2, -7200, false)]
    public void Grace_OfAGeneration_IsThatOfTheLastOneForThirtySeconds(int generation, int seconds, bool expected) =>
        Assert.Equal(expected, ReadAfter(seconds).IsInGrace(generation));

    [Theory]
    [InlineData(59, 59, false)]
    [InlineData(60, 59, true)]
    [InlineData(59, 60, true)]
    public void End_OfASession_IsThatOfTheClockThatIsAhead(int database, int replica, bool expected) =>
        Assert.Equal(expected, ReadAfter(database).IsOver(Refreshed.AddSeconds(replica)));

    /// <summary>One that is over a minute after it was refreshed.</summary>
    private static LiveSession ReadAfter(int seconds) => new(
        Guid.CreateVersion7(Refreshed), "user", new UserPlace("", ""), 3, null, null, Refreshed, Refreshed.AddSeconds(60), Refreshed.AddSeconds(60), Refreshed.AddDays(30), Refreshed.AddSeconds(seconds));
}
