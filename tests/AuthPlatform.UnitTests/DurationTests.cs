using AuthPlatform.Contracts;

namespace AuthPlatform.UnitTests;

public sealed class DurationTests
{
    [Theory]
    [InlineData("300", 300, "5m")]
    [InlineData("300s", 300, "5m")]
    [InlineData("90d", 7_776_000, "90d")]
    [InlineData("36h", 129_600, "36h")]
    [InlineData("61s", 61, "61s")]
    [InlineData(" 5 M ", 300, "5m")]
    [InlineData("0", 0, "0s")]
    public void Read_Duration_IsSecondsAndReadsTheSameAgain(string text, int seconds, string written)
    {
        Assert.Equal(seconds, Duration.Read(text));
        Assert.Equal(written, Duration.Write(seconds));
        Assert.Equal(seconds, Duration.Read(written));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("d")]
    [InlineData("-1d")]
    [InlineData("1.5h")]
    [InlineData("5x")]
    [InlineData("99999999999")]
    [InlineData("99999d")]
    public void Read_AnythingElse_IsNothing(string? text) => Assert.Null(Duration.Read(text));
}
