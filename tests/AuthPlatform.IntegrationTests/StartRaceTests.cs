using System.Diagnostics;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using AuthPlatform.Contracts;
using AuthPlatform.IntegrationTests.Infrastructure;
using Npgsql;

namespace AuthPlatform.IntegrationTests;

/// <summary>Five replicas of what writes at start, at the same moment, on a server where not even the databases exist.</summary>
public sealed class StartRaceTests(AuthPlatformFixture platform)
{
    private const int Replicas = 5;
    private const string InternalSecret = "internal-0123456789abcdef0123456789";

    private readonly string _suffix = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(6));

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task FiveWorkersAndFiveKeyManagers_OnAnEmptyServer_EndWithOneOfEverything()
    {
        var environment = await EnvironmentAsync();
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        patience.CancelAfter(TimeSpan.FromMinutes(2));

        var workers = Enumerable.Range(0, Replicas).Select(_ => Start("AuthPlatform.MigrationWorker", environment)).ToList();
        foreach (var worker in workers)
        {
            using (worker)
            {
                var log = await worker.StandardOutput.ReadToEndAsync(patience.Token);
                await worker.WaitForExitAsync(patience.Token);
                Assert.True(worker.ExitCode == 0, log);
                Assert.DoesNotContain("fail:", log, StringComparison.Ordinal);
            }
        }

        Assert.Equal("1/1", await ReadAsync(ResourceNames.AuthDatabase, "SELECT count(DISTINCT a.id) || '/' || count(s.id) FROM applications a JOIN application_secrets s ON s.application_id = a.id"));

        var keyManagers = Enumerable.Range(0, Replicas).Select(_ => Start("AuthPlatform.KeyManager", environment)).ToList();
        try
        {
            var sets = new HashSet<string>();
            foreach (var keyManager in keyManagers)
            {
                sets.Add(await JwksOnceReadyAsync(keyManager, patience.Token));
            }

            Assert.Single(sets);
            Assert.Equal("1/2", await ReadAsync(ResourceNames.KeysDatabase, "SELECT count(activated_at) || '/' || count(*) FROM signing_keys"));
        }
        finally
        {
            foreach (var keyManager in keyManagers)
            {
                keyManager.Kill();
                keyManager.Dispose();
            }
        }
    }

    private static async Task<string> JwksOnceReadyAsync(Process keyManager, CancellationToken cancellationToken)
    {
        const string Listening = "Now listening on: ";
        string? line;
        do
        {
            line = await keyManager.StandardOutput.ReadLineAsync(cancellationToken);
            Assert.NotNull(line);
        }
        while (!line.Contains(Listening, StringComparison.Ordinal));

        using var http = new HttpClient { BaseAddress = new Uri(line[(line.IndexOf(Listening, StringComparison.Ordinal) + Listening.Length)..].Trim()) };
        while (!(await http.GetAsync(new Uri("/health/ready", UriKind.Relative), cancellationToken)).IsSuccessStatusCode)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(200), TimeProvider.System, cancellationToken);
        }

        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", InternalSecret);
        using var signed = await http.PostAsync(KeyManagerContract.SignAddress("race", KeyManagerContract.AccessTokenType), new StringContent("{}"), cancellationToken);
        Assert.True(signed.IsSuccessStatusCode);
        return await http.GetStringAsync(new Uri("/auth/race/jwks", UriKind.Relative), cancellationToken);
    }

    private async Task<Dictionary<string, string>> EnvironmentAsync() => new()
    {
        ["ConnectionStrings__authdb"] = await ConnectionStringAsync(ResourceNames.AuthDatabase),
        ["ConnectionStrings__keysdb"] = await ConnectionStringAsync(ResourceNames.KeysDatabase),
        ["Encryption__Keys__0"] = "key-encryption-0123456789abcdef0123456789",
        ["InternalCalls__Secrets__0"] = InternalSecret,
        ["Bootstrap__ClientId"] = "race",
        ["Bootstrap__ClientSecret"] = "bootstrap-0123456789abcdef0123456789",
        ["ASPNETCORE_URLS"] = "http://127.0.0.1:0",
    };

    /// <summary>The running server, but databases of our own.</summary>
    private async Task<string> ConnectionStringAsync(string database)
    {
        var settings = new NpgsqlConnectionStringBuilder(await platform.App.GetConnectionStringAsync(database, Cancellation));
        settings.Database += $"_{_suffix}";
        return settings.ConnectionString;
    }

    private async Task<string> ReadAsync(string database, string sql)
    {
        await using var connection = new NpgsqlConnection(await ConnectionStringAsync(database));
        await connection.OpenAsync(Cancellation);
        await using var command = new NpgsqlCommand(sql, connection);
        return (string)(await command.ExecuteScalarAsync(Cancellation))!;
    }

    /// <summary>Starts a service as it lies beside these tests in the build output.</summary>
    private static Process Start(string service, Dictionary<string, string> environment)
    {
        var here = new DirectoryInfo(AppContext.BaseDirectory.TrimEnd(Path.DirectorySeparatorChar));
        var folder = Path.Combine(here.Parent!.Parent!.FullName, service, here.Name);
        var start = new ProcessStartInfo("dotnet", ["exec", Path.Combine(folder, $"{service}.dll")]) { WorkingDirectory = folder, RedirectStandardOutput = true };
        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }

        return Process.Start(start)!;
    }
}
