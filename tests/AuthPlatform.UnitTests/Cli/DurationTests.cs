using AuthPlatform.Cli.Output;

namespace AuthPlatform.UnitTests.Cli;

public sealed class DurationTests
{
    [Theory]
    [InlineData("300", 300, "5m")]
    [InlineData("300s", 300, "5m")]
    [InlineData("90d", 7_776_000, "90d")]
    [InlineData("36h", 129_600, "36h")]
    [InlineData("61s", 61, "61s")]
    [InlineData("0", 0, "0s")]
    public void TryParse_Duration_IsSecondsAndReadsTheSameAgain(string text, int seconds, string formatted)
    {
        Assert.True(Duration.TryParse(text, out var parsed));
        Assert.Equal(seconds, parsed);
        Assert.Equal(formatted, Duration.Format(TimeSpan.FromSeconds(parsed)));
    }

    [Theory]
    [InlineData("")]
    [InlineData("d")]
    [InlineData("-1d")]
    [InlineData("1.5h")]
    [InlineData("1 d")]
    [InlineData("5x")]
    [InlineData("99999999999")]
    [InlineData("99999d")]
    public void TryParse_AnythingElse_IsRefused(string text) => Assert.False(Duration.TryParse(text, out _));
}
