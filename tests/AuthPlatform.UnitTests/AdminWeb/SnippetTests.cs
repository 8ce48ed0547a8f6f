using System.Text.RegularExpressions;
using AuthPlatform.AdminWeb.Applications;

namespace AuthPlatform.UnitTests.AdminWeb;

public sealed class SnippetTests
{
    /// <summary>Arguments of programs can be read by everybody on the machine.</summary>
    [Fact]
    public void Program_ThatAPageShows_GivesTheSecretToNoOtherAsAnArgument()
    {
        var curl = Snippets.For("https://auth.example", "app", "cs_secret").Single(program => program.Id == "curl").Text;

        Assert.Contains("export AUTHPLATFORM_CLIENT_SECRET='cs_secret'", curl, StringComparison.Ordinal);
        Assert.Equal(1, Regex.Count(curl, @"cs_secret|\$\{?AUTHPLATFORM_CLIENT_SECRET"));
    }
}
