using Aspire.Hosting.Running;

namespace AuthPlatform.UnitTests.Hosting;

/// <summary>What depends on the machine in how stores are started.</summary>
public sealed class StoreLauncherTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("postgres");

    public void Dispose() => _folder.Delete(recursive: true);

    /// <summary>Such as those from npm on Alpine: then those of the system are to be tried.</summary>
    [Fact]
    public void PostgresBinaries_ThatDoNotRunHere_AreNone()
    {
        var binaries = new PostgresBinaries(_folder.FullName, "");
        File.WriteAllText(binaries.InitDb, "no program");
        File.WriteAllText(binaries.Postgres, "no program");
        Assert.Null(PostgresBinaries.Read(_folder.FullName));
    }

    [Theory]
    [InlineData("15", true, "--locale=C.UTF-8")]
    [InlineData("18", true, "--locale=C.UTF-8")]
    [InlineData("16", false, "--locale=C")]
    [InlineData("17", false, "--locale=C --locale-provider=builtin --builtin-locale=C.UTF-8")]
    public void PostgresLocale_OfASystem_IsOneThatItKnows(string major, bool isLinux, string expected) =>
        Assert.Equal(expected, string.Join(' ', PostgresLauncher.Locale(major, isLinux)));

    [Theory]
    [InlineData("with space", "\"with space\"")]
    [InlineData("a\\b\"c", "\"a\\\\b\\\"c\"")]
    public void RedisSetting_OfAnyCharacters_IsOneWord(string value, string expected) => Assert.Equal(expected, RedisLauncher.Quoted(value));
}
