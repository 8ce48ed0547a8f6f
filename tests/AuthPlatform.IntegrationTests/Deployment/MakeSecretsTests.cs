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

    /// <summary>Servers that are there have passwords already, whatever stands in them; files that are there before are how they are given.</summary>
    [Fact]
    public async Task Secrets_OfServersThatAreThere_AreMadeOfThePasswordsPutInFirst()
    {
        const string Password = "it's; \"mine\" = 1";
        Put("postgres-password", Password + "\n");
        Put("keysdb-password", "another");
        Put("redis-password", "a=b");
        await MakeAsync(("AUTHDB_HOST", "a.example.com"), ("KEYSDB_HOST", "k.example.com"), ("REDIS_HOST", "r.example.com"), ("DATABASE_OWNER", "boss"), ("DATABASE_OPTIONS", "SSL Mode=VerifyFull"));
        var made = Read();

        Assert.Equal(("a.example.com", "boss", Password, "authdb"), Login(made["authdb"]));
        Assert.Equal(("k.example.com", "boss", "another", "keysdb"), Login(made["keysdb"]));
        Assert.Equal(("k.example.com", "keysdb_key_manager_0", made["key-manager-database-password"], "keysdb"), Login(made["key-manager-database"]));
        Assert.Equal("r.example.com:6379,password=a=b", made["redis"]);
        string[] databases = ["authdb", "keysdb", "token-api-database", "admin-web-database", "key-manager-database"];
        Assert.All(databases, name => Assert.Equal(SslMode.VerifyFull, new NpgsqlConnectionStringBuilder(made[name]).SslMode));
    }

    /// <summary>What comes after a comma would be taken for another setting.</summary>
    [Fact]
    public async Task Secrets_WithAPasswordThatIsNoneForRedis_AreNotMade()
    {
        Put("redis-password", "a,b");

        var (exitCode, log) = await RunAsync();

        Assert.Equal(1, exitCode);
        Assert.Contains("comma", log, StringComparison.Ordinal);
        Assert.Equal("redis-password", Assert.Single(Read()).Key);
    }

    private static (string? Host, string? User, string? Password, string? Database) Login(string connectionString)
    {
        var login = new NpgsqlConnectionStringBuilder(connectionString);
        return (login.Host, login.Username, login.Password, login.Database);
    }

    private void Put(string name, string value) => File.WriteAllText(Path.Combine(_folder.FullName, name), value);

    private async Task MakeAsync(params (string Name, string Value)[] environment)
    {
        var (exitCode, log) = await RunAsync(environment);
        Assert.True(exitCode == 0, log);
        Assert.All(Read().Values, secret => Assert.DoesNotContain(secret, log, StringComparison.Ordinal));
    }

    private async Task<(int ExitCode, string Log)> RunAsync(params (string Name, string Value)[] environment)
    {
        var start = new ProcessStartInfo("sh", [Repository.PathOf("deploy/make-secrets.sh"), _folder.FullName]) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }

        return await Process.Start(start)!.FinishAsync(Cancellation);
    }

    private SortedDictionary<string, string> Read() => new(_folder.EnumerateFiles().ToDictionary(file => file.Name, file => File.ReadAllText(file.FullName)), StringComparer.Ordinal);
}
