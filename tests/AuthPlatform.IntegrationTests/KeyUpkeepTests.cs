using System.Net.Http.Headers;
using AuthPlatform.Contracts;
using AuthPlatform.IntegrationTests.Infrastructure;
using Npgsql;

namespace AuthPlatform.IntegrationTests;

/// <summary>What the Key Manager does by itself, for one application after the other.</summary>
public sealed class KeyUpkeepTests(AuthPlatformFixture platform)
{
    private static readonly string[] Applications = [FreshDatabases.ClientId, "second"];

    private readonly FreshDatabases _databases = new(platform);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>Whichever of the two comes first.</summary>
    [Fact]
    public async Task Upkeep_WhileSomebodyHoldsAKeyOfOneApplication_RotatesTheOther()
    {
        var environment = await _databases.MigratedAsync(Cancellation);
        await using var connection = new NpgsqlConnection(environment["ConnectionStrings__keysdb"]);
        await connection.OpenAsync(Cancellation);
        // The Key Manager gives up sooner than it would.
        environment["ConnectionStrings__keysdb"] = new NpgsqlConnectionStringBuilder(environment["ConnectionStrings__keysdb"]) { Options = "-c lock_timeout=200" }.ConnectionString;
        using var keyManager = await RunningService.StartAsync("AuthPlatform.KeyManager", environment, Cancellation);
        keyManager.Http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", FreshDatabases.InternalSecret);
        foreach (var application in Applications)
        {
            using var ensured = await keyManager.Http.PutAsync($"/internal/applications/{application}", null, Cancellation);
            ensured.EnsureSuccessStatusCode();
        }

        foreach (var (held, free) in new[] { (Applications[0], Applications[1]), (Applications[1], Applications[0]) })
        {
            var (heldKid, freeKid) = (await ActiveAsync(held), await ActiveAsync(free));
            await using (var transaction = await connection.BeginTransactionAsync(Cancellation))
            {
                await using var hold = new NpgsqlCommand($"SELECT FROM signing_keys WHERE kid = '{heldKid}' FOR UPDATE", connection, transaction);
                await hold.ExecuteNonQueryAsync(Cancellation);
                await MakeDueAsync();

                await Eventually.TrueAsync(async () => await ActiveAsync(free) != freeKid, Cancellation);
                await Eventually.TrueAsync(
                    () => Task.FromResult(keyManager.Log.Any(line => line.Contains($"The upkeep of the keys of {held} failed", StringComparison.Ordinal))), Cancellation);
                Assert.Equal(heldKid, await ActiveAsync(held));
            }

            await Eventually.TrueAsync(async () => await ActiveAsync(held) != heldKid, Cancellation);
        }
    }

    private Task<string> ActiveAsync(string clientId) => _databases.ReadAsync(
        ResourceNames.KeysDatabase, $"SELECT kid FROM signing_keys WHERE client_id = '{clientId}' AND activated_at IS NOT NULL AND superseded_at IS NULL", Cancellation);

    /// <summary>Both, without touching their keys.</summary>
    private async Task MakeDueAsync()
    {
        await using var other = new NpgsqlConnection(await _databases.ConnectionStringAsync(ResourceNames.KeysDatabase, Cancellation));
        await other.OpenAsync(Cancellation);
        await using var makeDue = new NpgsqlCommand(
            "UPDATE key_applications SET rotation_due_at = now(), rotation_retain_seconds = 86400; UPDATE key_ring_versions SET version = version + 1", other);
        await makeDue.ExecuteNonQueryAsync(Cancellation);
    }
}
