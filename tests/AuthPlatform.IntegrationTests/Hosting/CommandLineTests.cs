using AuthPlatform.IntegrationTests.Infrastructure;

namespace AuthPlatform.IntegrationTests.Hosting;

public sealed class CommandLineTests(AuthPlatformFixture platform)
{
    /// <summary>Command lines are open to every user of a machine.</summary>
    [Fact]
    public async Task CommandLines_OfAllProcesses_HoldNoSecret()
    {
        var commandLines = new List<string>();
        foreach (var process in Directory.EnumerateDirectories("/proc").Where(path => int.TryParse(Path.GetFileName(path), out _)))
        {
            try
            {
                commandLines.Add(await File.ReadAllTextAsync(Path.Combine(process, "cmdline"), TestContext.Current.CancellationToken));
            }
            catch (IOException)
            {
                // The process has ended.
            }
        }

        Assert.Contains(commandLines, line => line.Contains("AuthPlatform.TokenApi", StringComparison.Ordinal));
        Assert.All(platform.PlatformSecrets, secret => Assert.DoesNotContain(commandLines, line => line.Contains(secret, StringComparison.Ordinal)));
    }
}
