using AuthPlatform.Cli.Running;

namespace AuthPlatform.UnitTests.Cli;

public sealed class ProgressLineTests
{
    [Theory]
    [InlineData(true, "\r1 of 2\r2 of 2\n")]
    [InlineData(false, "")]
    public void Show_ToSomebodyWhoWatches_WritesOneLineOverAndOver(bool isInteractive, string expected) =>
        Assert.Equal(expected, Written(isInteractive, "1 of 2", "2 of 2"));

    [Fact]
    public void Dispose_OfALineThatWasNotBegun_EndsNone() => Assert.Equal("", Written(isInteractive: true));

    private static string Written(bool isInteractive, params string[] texts)
    {
        using var error = new StringWriter { NewLine = "\n" };
        using (var progress = new ProgressLine(new Terminal(TextReader.Null, TextWriter.Null, error, isInteractive)))
        {
            Array.ForEach(texts, progress.Show);
        }

        return error.ToString();
    }
}
