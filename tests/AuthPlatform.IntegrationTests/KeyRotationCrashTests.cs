using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using AuthPlatform.Contracts;
using AuthPlatform.Data.Keys;
using AuthPlatform.IntegrationTests.Infrastructure;
using Microsoft.EntityFrameworkCore;

namespace AuthPlatform.IntegrationTests;

/// <summary>A Key Manager of its own, started as in production, killed and misconfigured.</summary>
public sealed class KeyRotationCrashTests(AuthPlatformFixture platform)
{
    private const int Crashes = 3;

    private readonly FreshDatabases _databases = new(platform);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task KilledAtAnyMomentOfARotation_LeavesOneActiveAndOneNextKeyAndLosesNone()
    {
        var environment = await _databases.MigratedAsync(Cancellation);
        await using var keys = new KeysDbContext(new DbContextOptionsBuilder<KeysDbContext>().UseNpgsql(environment["ConnectionStrings__keysdb"]).Options);

        var seen = new HashSet<string>();
        for (var crash = 0; crash < Crashes; crash++)
        {
            var keyManager = await StartAsync(environment);
            var first = new TaskCompletionSource();
            var rotating = RotateUntilItEndsAsync(keyManager.Http, keys, seen, first);
            await Task.WhenAny(first.Task, rotating);
            // Any moment will do, and each run chooses others.
            await Task.Delay(TimeSpan.FromMilliseconds(RandomNumberGenerator.GetInt32(400)), TimeProvider.System, Cancellation);
            keyManager.Dispose();
            await rotating;
            await AssertOneOfEachAsync(keys);
        }

        using var last = await StartAsync(environment);
        var signed = Assert.Single(await last.Http.SignAsync([new SigningRequest(FreshDatabases.ClientId, KeyManagerContract.AccessTokenType, "{}"u8.ToArray())], Cancellation));
        var jwks = await last.Http.GetStringAsync($"/auth/{FreshDatabases.ClientId}/jwks", Cancellation);
        Assert.Contains(signed.Token!.KeyId, jwks, StringComparison.Ordinal);
        Assert.All(seen, kid => Assert.Contains(kid, jwks, StringComparison.Ordinal));

        await AssertSettingsAsync(last.Http);
        AssertNothingSecret(jwks);
    }

    [Fact]
    public async Task Configuration_ThatIsRefused_EndsWithAllReasonsInOneLine()
    {
        var environment = await _databases.EnvironmentAsync(Cancellation);
        environment["Keys__RetainSeconds"] = "600";
        environment["Encryption__Keys__0"] = "too-short";
        var (exitCode, log) = await ServiceProcess.Start("AuthPlatform.KeyManager", environment).FinishAsync(Cancellation);

        Assert.Equal(1, exitCode);
        var said = Assert.Single(log.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        Assert.Contains(
            "Retain 600 s is less than 4020 s = access lifetime 3600 s (the longest an application can have) + clock skew 120 s + JWKS max-age 300 s", said, StringComparison.Ordinal);
        Assert.Contains("Encryption__Keys__0 has 9 characters, but at least 32 are needed.", said, StringComparison.Ordinal);
    }

    private static async Task<RunningService> StartAsync(Dictionary<string, string> environment)
    {
        var keyManager = await RunningService.StartAsync("AuthPlatform.KeyManager", environment, Cancellation);
        keyManager.Http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", FreshDatabases.InternalSecret);
        return keyManager;
    }

    /// <summary>Ten minutes pass between two rotations, as far as the rows can tell.</summary>
    private static async Task RotateUntilItEndsAsync(HttpClient keyManager, KeysDbContext keys, HashSet<string> seen, TaskCompletionSource first)
    {
        try
        {
            while (true)
            {
                await keys.Database.ExecuteSqlAsync(KeyClock.Ageing(FreshDatabases.ClientId, TimeSpan.FromMinutes(10)), Cancellation);
                var request = new KeyRotationRequest(null, Guid.CreateVersion7().ToString("N"), OnlyIfRepeated: false);
                using var response = await keyManager.PostAsync(
                    $"/internal/applications/{FreshDatabases.ClientId}/rotate",
                    new StringContent(JsonSerializer.Serialize(request, KeyContractsJson.Default.KeyRotationRequest), Encoding.UTF8, "application/json"),
                    Cancellation);
                Assert.Equal(HttpStatusCode.OK, response.StatusCode);
                var rotated = await response.ReadJsonAsync(Cancellation);
                seen.UnionWith([rotated.Text("old_kid"), rotated.Text("new_kid"), rotated.Text("next_kid")]);
                first.TrySetResult();
            }
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException or ObjectDisposedException || (exception is OperationCanceledException && !Cancellation.IsCancellationRequested))
        {
            // It was killed.
        }
    }

    private static async Task AssertOneOfEachAsync(KeysDbContext keys)
    {
        var live = await keys.SigningKeys.AsNoTracking().Where(k => k.SupersededAt == null && k.RevokedAt == null).ToListAsync(Cancellation);
        Assert.Equal((2, 1), (live.Count, live.Count(k => k.ActivatedAt is not null)));
        Assert.All(live, k => Assert.NotNull(k.PrivateKeyEncrypted));
    }

    /// <summary>As in production, where no schedule of seconds is taken.</summary>
    private static async Task AssertSettingsAsync(HttpClient keyManager)
    {
        var address = new Uri($"/internal/applications/{FreshDatabases.ClientId}/key-settings", UriKind.Relative);
        using var refused = await keyManager.PutAsJsonAsync(address, new { retain_seconds = 299, announce_seconds = 60 }, Cancellation);
        Assert.Equal(HttpStatusCode.BadRequest, refused.StatusCode);
        var detail = (await refused.ReadJsonAsync(Cancellation)).Text("detail");
        Assert.Contains("Retain 299 s is less than 4020 s = access lifetime 3600 s", detail, StringComparison.Ordinal);
        Assert.Contains("Announce 60 s is less than 86400 s", detail, StringComparison.Ordinal);
    }

    private static void AssertNothingSecret(string jwks)
    {
        foreach (var key in JsonElement.Parse(jwks).GetProperty("keys").EnumerateArray())
        {
            Assert.Equal(["kty", "use", "alg", "kid", "n", "e"], key.EnumerateObject().Select(m => m.Name));
        }
    }
}
