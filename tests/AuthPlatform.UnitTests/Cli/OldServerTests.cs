using System.Text.Json;
using AuthPlatform.Cli;
using AuthPlatform.Cli.Running;
using AuthPlatform.Contracts;

namespace AuthPlatform.UnitTests.Cli;

public sealed class OldServerTests
{
    [Fact]
    public async Task Doctor_OfDatabasesOnAServerThatIsTooOld_SaysSoAndNoMoreOfThem()
    {
        using var server = new OldPostgres("14.23");
        using var output = new StringWriter();
        var file = Path.GetTempFileName();
        try
        {
            var databases = new[] { ResourceNames.AuthDatabase, ResourceNames.KeysDatabase };
            await File.WriteAllTextAsync(
                file, JsonSerializer.Serialize(databases.ToDictionary(name => $"ConnectionStrings:{name}", _ => server.ConnectionString)), TestContext.Current.CancellationToken);

            var exitCode = await OperatorCommand.RunAsync(
                ["doctor", "--json", "--settings", file], new Terminal(TextReader.Null, output, TextWriter.Null, IsInteractive: false), TestContext.Current.CancellationToken);

            Assert.Equal(1, exitCode);
            var checks = JsonElement.Parse(output.ToString()).GetProperty("checks").EnumerateArray().ToList();
            foreach (var name in databases)
            {
                var check = Assert.Single(checks, c => c.GetProperty("name").GetString()!.StartsWith($"{name} ", StringComparison.Ordinal));
                Assert.Equal(($"{name} server", "fail"), (check.GetProperty("name").GetString(), check.GetProperty("status").GetString()));
                Assert.StartsWith($"{name} is on PostgreSQL 14.23, but 15 is the oldest", check.GetProperty("detail").GetString(), StringComparison.Ordinal);
            }
        }
        finally
        {
            File.Delete(file);
        }
    }
}
