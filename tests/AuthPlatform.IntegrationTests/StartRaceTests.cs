using System.Diagnostics;
using System.Net.Http.Headers;
using AuthPlatform.Contracts;
using AuthPlatform.IntegrationTests.Infrastructure;

namespace AuthPlatform.IntegrationTests;

/// <summary>Three replicas of what writes at start, at the same moment, on a server where not even the databases exist.</summary>
public sealed class StartRaceTests(AuthPlatformFixture platform)
{
    private const int Replicas = 3;

    [Fact]
    public async Task ThreeWorkersAndThreeKeyManagers_OnAnEmptyServer_EndWithOneOfEverything()
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        patience.CancelAfter(TimeSpan.FromMinutes(10));
        var databases = new FreshDatabases(platform);
        var environment = await databases.EnvironmentWithRolesAsync(patience.Token);

        // All are waited for, whatever the first of them says.
        var workers = await Task.WhenAll(Enumerable.Range(0, Replicas).Select(_ => ServiceProcess.Start("AuthPlatform.MigrationWorker", environment).FinishAsync(patience.Token)));
        Assert.All(workers, worker => Assert.True(worker.ExitCode == 0 && !worker.Log.Contains("fail:", StringComparison.Ordinal), worker.Log));

        const string CountSecrets = "SELECT count(DISTINCT a.id) || '/' || count(s.id) FROM applications a JOIN application_secrets s ON s.application_id = a.id";
        Assert.Equal("1/1", await databases.ReadAsync(ResourceNames.AuthDatabase, CountSecrets, patience.Token));

        environment["ConnectionStrings__keysdb"] = await databases.LoginAsync(ResourceNames.KeysDatabase, ResourceNames.KeyManager, 0, FreshDatabases.RolePassword, patience.Token);
        var keyManagers = Enumerable.Range(0, Replicas).Select(_ => ServiceProcess.Start("AuthPlatform.KeyManager", environment)).ToList();
        try
        {
            var sets = new HashSet<string>();
            foreach (var keyManager in keyManagers)
            {
                sets.Add(await JwksOnceReadyAsync(keyManager, patience.Token));
            }

            Assert.Single(sets);
            Assert.Equal("1/2", await databases.ReadAsync(ResourceNames.KeysDatabase, "SELECT count(activated_at) || '/' || count(*) FROM signing_keys", patience.Token));
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

        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", FreshDatabases.InternalSecret);
        var signed = Assert.Single(await http.SignAsync([new SigningRequest(FreshDatabases.ClientId, KeyManagerContract.AccessTokenType, "{}"u8.ToArray())], cancellationToken));
        Assert.Equal(200, signed.Status);
        return await http.GetStringAsync(new Uri($"/auth/{FreshDatabases.ClientId}/jwks", UriKind.Relative), cancellationToken);
    }
}
