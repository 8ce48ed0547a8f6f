using System.Diagnostics;
using AuthPlatform.IntegrationTests.Infrastructure;
using Npgsql;

namespace AuthPlatform.IntegrationTests.Deployment;

public sealed class MakeSecretsTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("authplatform-secrets-");

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task Secrets_MadeTwice_AreTheFirst()
    {
        await MakeAsync();
        var first = Read();
        // Whatever is missing is made again, and fits what is there.
        File.Delete(Path.Combine(_folder.FullName, "keysdb"));
        File.Delete(Path.Combine(_folder.FullName, "internal-secret"));
        await MakeAsync();
        var second = Read();

        Assert.Equal(first.Keys, second.Keys);
        Assert.Equal(first.Where(s => s.Key != "internal-secret"), second.Where(s => s.Key != "internal-secret"));
        Assert.NotEqual(first["internal-secret"], second["internal-secret"]);
    }

    [Fact]
    public async Task Secrets_OfCompose_AreAllMadeAndStrong()
    {
        await MakeAsync();
        var made = Read();
        var compose = new ComposeFile(Repository.Read("docker-compose.yml"));
        Assert.All(compose.Secrets, secret => Assert.Contains(Path.GetFileName(secret.File!), made.Keys));
        string[] random = ["encryption-key", "internal-secret", "bootstrap-client-secret", "postgres-password", "redis-password", "token-api-database-password", "admin-web-database-password", "key-manager-database-password"];
        Assert.All(random, name => Assert.Matches("^[0-9a-f]{64}$", made[name]));
        Assert.Equal(random.Length, random.Select(name => made[name]).Distinct().Count());
        Assert.Equal(made["postgres-password"], new NpgsqlConnectionStringBuilder(made["keysdb"]).Password);
        Assert.Equal($"requirepass {made["redis-password"]}\n", made["redis.conf"]);
        Assert.True(OperatingSystem.IsLinux() && File.GetUnixFileMode(_folder.FullName) == (UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute));
    }

    [Fact]
    public async Task Secrets_OfKubernetes_AreAllMadeAndNameItsServers()
    {
        await MakeAsync(("AUTHDB_HOST", "authdb"), ("KEYSDB_HOST", "keysdb"));
        var made = Read();
        Assert.All(new KubernetesManifests(KubernetesManifests.Files.Select(File.ReadAllText)).Secrets, secret => Assert.Contains(secret, made.Keys));
        string[] ofAuth = ["authdb", "token-api-database", "admin-web-database"];
        string[] ofKeys = ["keysdb", "key-manager-database"];
        Assert.All(ofAuth, name => Assert.Equal("authdb", new NpgsqlConnectionStringBuilder(made[name]).Host));
        Assert.All(ofKeys, name => Assert.Equal("keysdb", new NpgsqlConnectionStringBuilder(made[name]).Host));
    }

    private async Task MakeAsync(params (string Name, string Value)[] environment)
    {
        var start = new ProcessStartInfo("sh", [Repository.PathOf("deploy/make-secrets.sh"), _folder.FullName]) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }

        var (exitCode, log) = await Process.Start(start)!.FinishAsync(Cancellation);
        Assert.True(exitCode == 0, log);
        Assert.All(Read().Values, secret => Assert.DoesNotContain(secret, log, StringComparison.Ordinal));
    }

    private SortedDictionary<string, string> Read() => new(_folder.EnumerateFiles().ToDictionary(file => file.Name, file => File.ReadAllText(file.FullName)), StringComparer.Ordinal);
}
