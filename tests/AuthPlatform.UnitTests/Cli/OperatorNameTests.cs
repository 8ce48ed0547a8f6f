using AuthPlatform.Cli.Running;
using Microsoft.Extensions.Configuration;

namespace AuthPlatform.UnitTests.Cli;

public sealed class OperatorNameTests
{
    [Fact]
    public void Read_ANameThatIsGiven_IsThatWithoutTheSpaceAroundIt() => Assert.Equal("ada", OperatorName.Read(With(" ada ")));

    [Theory]
    [InlineData(null)]
    [InlineData(" ")]
    public void Read_NoName_IsThatOfTheAccount(string? given) => Assert.Equal(OperatorName.OfAccount(Environment.UserName), OperatorName.Read(With(given)));

    /// <summary>As in a container that runs as a bare number: the audit must not say of nobody that they did it.</summary>
    [Fact]
    public void OfAccount_WithoutAName_IsItsNumber()
    {
        Assert.Equal("ada", OperatorName.OfAccount("ada"));
        Assert.Matches(OperatingSystem.IsLinux() ? "^uid [0-9]+$" : "^unknown$", OperatorName.OfAccount(""));
    }

    [Fact]
    public void Problem_OfANameThatIsTooLongOrCouldDriveATerminal_IsTold()
    {
        Assert.Null(OperatorName.Problem(With(null)));
        Assert.Null(OperatorName.Problem(With(new string('a', 100) + " ")));
        const string Sentence = "AUTHPLATFORM_OPERATOR must have at most 100 characters, none of them a control character.";
        Assert.Equal(Sentence, OperatorName.Problem(With(new string('a', 101))));
        Assert.Equal(Sentence, OperatorName.Problem(With("ada\u001b[2J")));
    }

    private static IConfigurationRoot With(string? name) => new ConfigurationBuilder().AddInMemoryCollection([new("AUTHPLATFORM_OPERATOR", name)]).Build();
}
