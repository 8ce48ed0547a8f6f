using AuthPlatform.TokenApi.Sessions;

namespace AuthPlatform.UnitTests.Sessions;

public sealed class LiveSessionTests
{
    [Theory]
    [InlineData(2, 0, true)]
    [InlineData(2, 29, true)]
    [InlineData(2, 30, false)]
    [InlineData(1, 0, false)]
    [InlineData(3, 0, false)]
    public void Grace_OfAGeneration_IsThatOfTheLastOneForThirtySeconds(int generation, int seconds, bool expected)
    {
        var refreshed = new DateTimeOffset(2026, 11, 27, 12, 0, 0, TimeSpan.Zero);
        var session = new LiveSession(
            Guid.CreateVersion7(refreshed), "user", new UserPlace("", ""), 3, null, null, refreshed, refreshed.AddMinutes(5), refreshed.AddDays(7), refreshed.AddDays(30), refreshed.AddSeconds(seconds));

        Assert.Equal(expected, session.IsInGrace(generation));
    }
}
