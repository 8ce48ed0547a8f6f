using AuthPlatform.Contracts.OldDeployment;

namespace AuthPlatform.UnitTests;

/// <summary>The file of the older service's variables says here what it said there.</summary>
public sealed class EnvFileTests : IDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("env-file");

    public void Dispose() => _directory.Delete(recursive: true);

    [Theory]
    [InlineData(@"CLIENT_SECRET='it\'s a pass'", "it's a pass")]
    [InlineData(@"CLIENT_SECRET='a\\b\n'", @"a\b\n")]
    [InlineData("CLIENT_SECRET=\"a\\\\\" # x", @"a\")]
    [InlineData("CLIENT_SECRET=value\t# x", "value")]
    [InlineData("CLIENT_SECRET=value# x", "value# x")]
    [InlineData("CLIENT_SECRET=it's \"a\" pass", "it's \"a\" pass")]
    [InlineData("CLIENT_SECRET='value'# x", "value")]
    [InlineData("\texport\tCLIENT_SECRET\t=\tvalue \t", "value")]
    [InlineData("CLIENT_SECRET=\"one\r\n# two\"\r\nCLIENT_ID=a", "one\n# two")]
    public void Read_AValue_IsWhatPythonDotenvMakesOfIt(string file, string value)
    {
        var (settings, failures, _) = Read(file);
        Assert.Empty(failures);
        Assert.Equal(value, settings["Bootstrap:ClientSecret"]);
    }

    [Fact]
    public void Read_EscapesInDoubleQuotes_AreThoseOfPython() =>
        Assert.Equal("\a\b\f\n\r\t\v\\'\"\\x\\0", Read("""CLIENT_SECRET="\a\b\f\n\r\t\v\\\'\"\x\0" """).Settings["Bootstrap:ClientSecret"]);

    [Theory]
    [InlineData("CLIENT_SECRET='secret'value\nCLIENT_ID=a", ".env.dev, line 1: something follows the closing quote of CLIENT_SECRET.")]
    [InlineData("A='one\ntwo'\nCLIENT_SECRET=\"secret\" value\nCLIENT_ID=a", ".env.dev, line 3: something follows the closing quote of CLIENT_SECRET.")]
    [InlineData("CLIENT_SECRET='it's a secret value'\nCLIENT_ID=a", ".env.dev, line 1: something follows the closing quote of CLIENT_SECRET.")]
    [InlineData("CLIENT_SECRET=\"secret value\nCLIENT_ID=a", ".env.dev, line 1: the quotes of CLIENT_SECRET do not end.")]
    [InlineData("CLIENT_SECRET\nCLIENT_ID=a", ".env.dev, line 1: this is no NAME=value.")]
    public void Read_ALineThatIsNone_NamesItAndGoesOnBehindIt(string file, string failure)
    {
        var (settings, failures, _) = Read(file);
        Assert.Equal([failure], failures);
        Assert.Equal("a", settings["Bootstrap:ClientId"]);
        Assert.DoesNotContain("Bootstrap:ClientSecret", settings.Keys);
    }

    private OldVariables Read(string file)
    {
        File.WriteAllText(Path.Combine(_directory.FullName, ".env.dev"), file);
        return OldVariables.Read(_directory.FullName, new Dictionary<string, string> { ["ENVIRONMENT"] = "dev" }, _ => false);
    }
}
