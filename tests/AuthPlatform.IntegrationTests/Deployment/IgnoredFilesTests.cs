using System.Diagnostics;
using System.Text.RegularExpressions;
using AuthPlatform.IntegrationTests.Infrastructure;

namespace AuthPlatform.IntegrationTests.Deployment;

/// <summary>What operators keep beside the sources, because the documentation has them make it there, does not come into the history by a careless <c>git add</c>.</summary>
public sealed partial class IgnoredFilesTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("authplatform-ignored-");

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task Git_OfWhatIsSecret_PassesOverIt()
    {
        string[] documents = ["docs/deployment.md", "docs/operations.md"];
        var written = documents.SelectMany(document => Written().Matches(Repository.Read(document))).Select(match => match.Groups[1].Value).ToHashSet();
        Assert.Superset(new HashSet<string> { "rotation/new", "rotation/old", "rotation/before", "rotation/login", "rotation/between", "deploy/secrets/web-shop", "keysdb.dump" }, written);
        string[] secret = [.. written, "deploy/secrets/encryption-key", "deploy/secrets/encryption-key-1", "deploy/secrets/kubernetes/encryption-key", "k8s-secrets/encryption-key", ".env"];
        string[] other = ["docker-compose.yml", "deploy/own-stores.yml", "deploy/rotate-encryption-key.yml", "deploy/kubernetes/production/shared/kustomization.yaml"];

        // A repository of its own: the sources may be here without one, or in one of somebody else.
        File.Copy(Repository.PathOf(".gitignore"), Path.Combine(_folder.FullName, ".gitignore"));
        await GitAsync(["init", "--quiet"]);

        Assert.Equal(secret, (await GitAsync(["check-ignore", .. secret, .. other])).TrimEnd().Split('\n'));
    }

    private async Task<string> GitAsync(string[] arguments)
    {
        var start = new ProcessStartInfo("git", arguments) { WorkingDirectory = _folder.FullName, RedirectStandardOutput = true, RedirectStandardError = true };
        // What a developer's own machine ignores besides.
        (start.Environment["GIT_CONFIG_GLOBAL"], start.Environment["GIT_CONFIG_NOSYSTEM"]) = ("/dev/null", "1");
        var (exitCode, log) = await Process.Start(start)!.FinishAsync(Cancellation);
        Assert.True(exitCode == 0, log);
        return log;
    }

    [GeneratedRegex(@"(?:> |--file=)((?:rotation|deploy/secrets)/[a-z0-9-]+|[a-z]+\.dump)")]
    private static partial Regex Written();
}
