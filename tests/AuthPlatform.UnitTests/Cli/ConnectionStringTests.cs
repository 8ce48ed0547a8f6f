using AuthPlatform.Cli.Running;
using Microsoft.Extensions.Configuration;

namespace AuthPlatform.UnitTests.Cli;

public sealed class ConnectionStringTests
{
    [Theory]
    [InlineData("nonsense-secret")]
    [InlineData("Host=localhost;Port=secret")]
    [InlineData("Host=localhost;Pasword=secret")]
    [InlineData("Host=localhost;Minimum Pool Size=50;Password=secret")]
    public void Unreadable_ConnectionStringThatCannotBeUsed_IsNamedAndNotQuoted(string connectionString)
    {
        var sentence = OperatorSettings.Unreadable(Settings(connectionString));
        Assert.StartsWith("ConnectionStrings__keysdb cannot be read: ", sentence, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", sentence, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("Host=localhost;Password=secret")]
    public void Unreadable_AnyOther_IsNothing(string? connectionString) => Assert.Null(OperatorSettings.Unreadable(Settings(connectionString)));

    private static IConfigurationRoot Settings(string? keysDatabase) => new ConfigurationBuilder()
        .AddInMemoryCollection(new Dictionary<string, string?> { ["ConnectionStrings:authdb"] = "Host=localhost", ["ConnectionStrings:keysdb"] = keysDatabase })
        .Build();
}
