using AuthPlatform.Cli;
using AuthPlatform.Cli.Running;

namespace AuthPlatform.UnitTests.Cli;

public sealed class HelpTests
{
    /// <summary>They do what the Key Manager does otherwise, and do not see how it is set.</summary>
    [Theory]
    [InlineData("keys", "rotate")]
    [InlineData("keys", "revoke")]
    [InlineData("keys", "import")]
    [InlineData("keys", "replace-lost")]
    [InlineData("import")]
    public async Task Help_OfWhatMakesOrRetiresKeys_NamesTheSettingsThatItNeeds(params string[] command)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        using var nothing = new StringReader("");

        var exitCode = await OperatorCommand.RunAsync([.. command, "--help"], new Terminal(nothing, output, error, IsInteractive: false), TestContext.Current.CancellationToken);

        Assert.Equal((0, ""), (exitCode, error.ToString()));
        Assert.Contains("Keys__KeySize", output.ToString(), StringComparison.Ordinal);
        Assert.Contains("Keys__RetainSeconds", output.ToString(), StringComparison.Ordinal);
    }
}
