using AuthPlatform.AdminWeb.SignIn;

namespace AuthPlatform.UnitTests.AdminWeb;

public sealed class AgeTests
{
    private static readonly DateTimeOffset Now = new(2026, 6, 1, 12, 0, 0, TimeSpan.Zero);

    /// <summary>Clocks of two machines may differ by half a minute; one that is set back by hours makes nothing good for hours.</summary>
    [Theory]
    [InlineData(-601, false)]
    [InlineData(-600, true)]
    [InlineData(0, true)]
    [InlineData(30, true)]
    [InlineData(31, false)]
    [InlineData(9 * 3600, false)]
    public void Moment_OfAnyClock_CountsForItsTimeOnly(int seconds, bool counts) =>
        Assert.Equal(counts, Age.IsWithin(Now.AddSeconds(seconds), TimeSpan.FromMinutes(10), Now));
}
