using AuthPlatform.Cli.Output;

namespace AuthPlatform.UnitTests.Cli;

public sealed class TableTests
{
    /// <summary>Names come from whoever registered an application; a terminal obeys what is printed on it.</summary>
    [Fact]
    public void Write_ControlCharacters_DoNotReachTheTerminal()
    {
        using var output = new StringWriter();
        Table.Write(output, ["NAME", "STATE"], [["evil\u001b[2J\r\nname", "on"]]);
        Assert.Equal($"NAME            STATE{Environment.NewLine}evil\uFFFD[2J\uFFFD\uFFFDname  on{Environment.NewLine}", output.ToString());
    }
}
