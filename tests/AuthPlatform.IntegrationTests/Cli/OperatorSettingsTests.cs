using AuthPlatform.IntegrationTests.Infrastructure;

namespace AuthPlatform.IntegrationTests.Cli;

public sealed class OperatorSettingsTests(AuthPlatformFixture platform)
{
    /// <summary>As in the container of the command line: all that it needs is in files, and what is in the environment wins.</summary>
    [Fact]
    public async Task Settings_InSecretFiles_AreBelowTheEnvironment()
    {
        var secrets = Directory.CreateTempSubdirectory("secrets");
        try
        {
            var settings = await platform.OperatorEnvironmentAsync(TestContext.Current.CancellationToken);
            foreach (var (name, value) in settings)
            {
                var content = name == "ConnectionStrings__keysdb" ? "nonsense" : value;
                await File.WriteAllTextAsync(Path.Combine(secrets.FullName, name), content, TestContext.Current.CancellationToken);
            }

            Dictionary<string, string> environment = new() { ["SecretsDirectory"] = secrets.FullName };
            Assert.Equal(1, (await CliProcess.RunAsync(environment, TestContext.Current.CancellationToken, "keys", "list")).ExitCode);
            environment["ConnectionStrings__keysdb"] = settings["ConnectionStrings__keysdb"];
            var (exitCode, keys, error) = await CliProcess.RunAsync(environment, TestContext.Current.CancellationToken, "keys", "list");
            Assert.True(exitCode == 0, error);
            Assert.Contains(platform.Bootstrap.ClientId, keys, StringComparison.Ordinal);
        }
        finally
        {
            secrets.Delete(recursive: true);
        }
    }
}
