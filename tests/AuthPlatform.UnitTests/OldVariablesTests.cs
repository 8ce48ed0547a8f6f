using AuthPlatform.Contracts.OldDeployment;
using Npgsql;

namespace AuthPlatform.UnitTests;

public sealed class OldVariablesTests : IDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("old-variables");
    private readonly HashSet<string> _ours = [];

    public void Dispose() => _directory.Delete(recursive: true);

    [Fact]
    public void Read_AWholeOldEnvironment_GivesOurSettings()
    {
        var (settings, failures, _) = Read(
            ("APP_NAME", "Login, old"), ("ENVIRONMENT", "production"), ("LOGGING_LEVEL", "warning"), ("TIMEZONE", "Europe/Berlin"), ("ACCESS_TOKEN_EXPIRE_MINUTES", "15"),
            ("REFRESH_TOKEN_EXPIRE_DAYS", "14"), ("CLIENT_ID", "1234567890"), ("CLIENT_SECRET", "s"), ("DB_MAIN_HOST", "db"), ("DB_MAIN_USER", "u"), ("DB_MAIN_PASSWORD", "p;Host=evil\"x"), ("DB_MAIN_NAME", "auth"));
        Assert.Empty(failures);
        Assert.Equal("Warning", settings["Logging:LogLevel:Default"]);
        Assert.Equal("service.namespace=Login%2C%20old,deployment.environment.name=production", settings["OTEL_RESOURCE_ATTRIBUTES"]);
        Assert.Equal(("900", "1209600"), (settings["Bootstrap:AccessLifetimeSeconds"], settings["Bootstrap:RefreshIdleSeconds"]));
        Assert.Equal(("1234567890", "1234567890", "s"), (settings["Bootstrap:ClientId"], settings["Bootstrap:OldClientId"], settings["Bootstrap:ClientSecret"]));
        var connection = new NpgsqlConnectionStringBuilder(settings["ConnectionStrings:authdb"]);
        Assert.Equal(("db", 5432, "u", "p;Host=evil\"x", "auth"), (connection.Host, connection.Port, connection.Username, connection.Password, connection.Database));
        Assert.Equal("auth_keys", new NpgsqlConnectionStringBuilder(settings["ConnectionStrings:keysdb"]).Database);
    }

    [Fact]
    public void Read_AFileOfTheEnvironment_IsBelowTheEnvironmentsVariables()
    {
        File.WriteAllText(Path.Combine(_directory.FullName, ".env.staging"), "# old\nexport CLIENT_ID='from file' # x\r\nCLIENT_SECRET=\"a # \\\"b\\\"\"\nLOGGING_LEVEL=DEBUG  # loud\n\nLOGGING_LEVEL=ERROR");
        var (settings, failures, _) = Read(("ENVIRONMENT", "staging"), ("CLIENT_ID", "from environment"));
        Assert.Empty(failures);
        Assert.Equal(("from environment", "a # \"b\"", "Error"), (settings["Bootstrap:ClientId"], settings["Bootstrap:ClientSecret"], settings["Logging:LogLevel:Default"]));
        Assert.Empty(Read(("ENVIRONMENT", "nowhere"), ("OTEL_X", "")).Failures);
    }

    [Fact]
    public void Read_WhatIsSetUnderOurNames_IsNotLookedAt()
    {
        _ours.UnionWith(["ConnectionStrings:authdb", "Bootstrap:ClientId", "Bootstrap:AccessLifetimeSeconds", "Logging:LogLevel:Default"]);
        var (settings, failures, ofDatabase) = Read(
            ("DB_MAIN_HOST", "db"), ("DB_MAIN_PORT", "3306"), ("CLIENT_ID", "1234567890"), ("ACCESS_TOKEN_EXPIRE_MINUTES", "many"), ("LOGGING_LEVEL", "LOUD"));
        Assert.Empty(failures);
        Assert.Empty(ofDatabase);
        Assert.Empty(settings);
    }

    [Theory]
    [InlineData("ENVIRONMENT", "../../etc")]
    [InlineData("LOGGING_LEVEL", "LOUD")]
    [InlineData("TIMEZONE", "Mars/Olympus")]
    [InlineData("ACCESS_TOKEN_EXPIRE_MINUTES", "0")]
    [InlineData("ACCESS_TOKEN_EXPIRE_MINUTES", "61")]
    [InlineData("REFRESH_TOKEN_EXPIRE_DAYS", "-1")]
    [InlineData("REFRESH_TOKEN_EXPIRE_DAYS", "99999999999999")]
    [InlineData("DB_MAIN_PORT", "3306")]
    [InlineData("DB_MAIN_PORT", "x")]
    [InlineData("DB_MAIN_HSOT", "secret-value")]
    public void Read_WhatCannotBeUnderstood_IsNamed(string variable, string value)
    {
        var (_, ofAll, ofDatabase) = Read((variable, value));
        List<string> failures = [.. ofAll, .. ofDatabase];
        Assert.Contains(failures, failure => failure.Contains(variable, StringComparison.Ordinal));
        Assert.DoesNotContain(failures, failure => failure.Contains("secret-value", StringComparison.Ordinal));
    }

    [Fact]
    public void Read_ABrokenFile_NamesTheLinesAndQuotesNothing()
    {
        File.WriteAllText(Path.Combine(_directory.FullName, ".env.dev"), "CLIENT_ID=a\nsecret-value\nCLIENT_SECRET='secret-value");
        Assert.Equal([".env.dev, line 2: this is no NAME=value.", ".env.dev, line 3: the quotes of CLIENT_SECRET do not end."], Read(("ENVIRONMENT", "dev")).Failures);
    }

    private OldVariables Read(params (string Name, string Value)[] environment) =>
        OldVariables.Read(_directory.FullName, environment.ToDictionary(v => v.Name, v => v.Value), _ours.Contains);
}
