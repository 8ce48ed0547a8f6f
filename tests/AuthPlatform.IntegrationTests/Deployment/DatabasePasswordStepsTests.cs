using System.Diagnostics;
using AuthPlatform.IntegrationTests.Infrastructure;

namespace AuthPlatform.IntegrationTests.Deployment;

/// <summary>New passwords of the database roles in Compose, as docs/deployment.md has them, where connection strings are not those that make-secrets.sh would make.</summary>
public sealed class DatabasePasswordStepsTests : IDisposable
{
    private const string Compose = """
        chmod 444 deploy/secrets/*
        openssl() { made=$((made + 1)); echo "new-$made"; }
        docker() { find deploy/secrets -type f ! -perm -444 >> calls; echo "$*" >> calls; }

        """;

    private static readonly string[] Services = ["token-api", "admin-web", "key-manager"];

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("authplatform-passwords-");

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task Passwords_WithStringsOfOnesOwn_ChangeAndNothingElseDoes()
    {
        PutAll();

        Assert.True(await RunAsync());

        var passwords = Services.Select(service => Read($"{service}-database-password").TrimEnd()).ToList();
        Assert.Equal(["new-1", "new-2", "new-3"], passwords);
        Assert.All(Services.Zip(passwords), role => Assert.Equal(Login(role.First, role.Second), Read($"{role.First}-database")));
        // No line in between names a file that some container may not read.
        Assert.Equal(["compose run --rm migrations", "compose up --detach --force-recreate --no-deps key-manager token-api admin-web"], Calls());
        // Nothing is left over.
        Assert.Equal(Services.SelectMany(service => new[] { $"{service}-database", $"{service}-database-password" }).Order(), Directory.EnumerateFiles(PathOf("")).Select(path => Path.GetFileName(path)).Order());
    }

    /// <summary>The role would get a password that its service does not have.</summary>
    [Theory]
    [InlineData("PWD=old")]
    [InlineData("Password='p;w'")]
    public async Task Passwords_WithAStringThatTheyAreNotIn_AreNotGivenToTheDatabase(string password)
    {
        PutAll();
        File.WriteAllText(PathOf("key-manager-database"), $"Host=keysdb.example.com;Username=keysdb_key_manager_0;{password};Database=keysdb");

        Assert.False(await RunAsync());

        Assert.Empty(Calls());
    }

    private static string Login(string service, string password) =>
        $"Host={service}.example.com;Port=6432;Username=authdb_0;Password={password};Database=authdb;SSL Mode=VerifyFull;Root Certificate=/run/stores-ca/ca.crt";

    private void PutAll()
    {
        Directory.CreateDirectory(PathOf(""));
        foreach (var service in Services)
        {
            File.WriteAllText(PathOf($"{service}-database"), Login(service, "old"));
            File.WriteAllText(PathOf($"{service}-database-password"), "old");
        }
    }

    private async Task<bool> RunAsync()
    {
        var start = new ProcessStartInfo("sh", ["-c", Compose + DocumentedSteps.With("run --rm migrations && docker compose up --detach --force-recreate")])
        {
            WorkingDirectory = _folder.FullName,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        var (exitCode, _) = await Process.Start(start)!.FinishAsync(Cancellation);
        return exitCode == 0;
    }

    private List<string> Calls()
    {
        var calls = Path.Combine(_folder.FullName, "calls");
        return File.Exists(calls) ? [.. File.ReadLines(calls)] : [];
    }

    private string Read(string name) => File.ReadAllText(PathOf(name));

    private string PathOf(string name) => Path.Combine(_folder.FullName, "deploy/secrets", name);
}
