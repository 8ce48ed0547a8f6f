using System.Text;
using AuthPlatform.Data.Keys;
using AuthPlatform.IntegrationTests.Infrastructure;
using AuthPlatform.KeyManager.Keys;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using Npgsql;

namespace AuthPlatform.IntegrationTests;

/// <summary>
/// What a Key Manager reads when others have changed keys: what it costs must not grow with how many applications there are. Somebody has changed the settings of one by hand and
/// without a word; whoever reads them gives that away.
/// </summary>
public sealed class KeyRingLookTests(AuthPlatformFixture platform)
{
    private const string Changed = "changed", Other = "other";
    private const int NewSeconds = 8000, SecondsByHand = 9000;

    private static readonly int UsualSeconds = new KeyOptions().RetainSeconds;

    private readonly FakeTimeProvider _clock = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Look_AfterAChangeOfOneApplication_ReadsTheKeysOfThatOneAlone()
    {
        await using var keyManager = await StartAsync();
        var ring = keyManager.GetRequiredService<KeyRing>();
        var signer = ring.Find(Changed)!.Signer;

        var version = await ChangeSettingsAsync(keyManager);
        Assert.True(await ring.LookAsync(Cancellation));

        Assert.Equal((version, NewSeconds, UsualSeconds), (ring.Version, Retain(ring, Changed), Retain(ring, Other)));
        // Importing a key takes longer than reading it: the one that signs stays.
        Assert.NotNull(signer);
        Assert.Same(signer, ring.Find(Changed)!.Signer);

        Assert.True(await ring.ReloadAsync(Cancellation));
        Assert.Equal(SecondsByHand, Retain(ring, Other));
    }

    /// <summary>A release before this one says no more than that there was a change, and so does whoever makes one by hand.</summary>
    [Fact]
    public async Task Look_AfterAChangeThatDoesNotSayWhose_ReadsTheKeysOfAll()
    {
        await using var keyManager = await StartAsync();
        var ring = keyManager.GetRequiredService<KeyRing>();

        await ChangeSettingsAsync(keyManager);
        await ExecuteAsync(keyManager, "UPDATE key_ring_versions SET version = version + 1");
        Assert.True(await ring.LookAsync(Cancellation));

        Assert.Equal((NewSeconds, SecondsByHand), (Retain(ring, Changed), Retain(ring, Other)));
    }

    /// <summary>A server that took over may lack the last changes, and have given their versions to others.</summary>
    [Fact]
    public async Task Look_AfterOneThatGotNoAnswer_ReadsTheKeysOfAll()
    {
        await using var keyManager = await StartAsync();
        var ring = keyManager.GetRequiredService<KeyRing>();

        await using (await keyManager.GetRequiredService<NpgsqlDataSource>().OpenConnectionAsync(Cancellation))
        {
            var look = ring.LookAsync(Cancellation);
            _clock.Advance(KeyStore.ReadLimit);
            Assert.False(await look);
        }

        await ChangeSettingsAsync(keyManager);
        Assert.True(await ring.LookAsync(Cancellation));

        Assert.Equal((NewSeconds, SecondsByHand), (Retain(ring, Changed), Retain(ring, Other)));
    }

    [Fact]
    public async Task Look_AfterTheVersionHasGoneBack_ReadsTheKeysOfAll()
    {
        await using var keyManager = await StartAsync();
        var ring = keyManager.GetRequiredService<KeyRing>();
        await ChangeSettingsAsync(keyManager);
        Assert.True(await ring.LookAsync(Cancellation));
        Assert.Equal(UsualSeconds, Retain(ring, Other));

        await ExecuteAsync(keyManager, "UPDATE key_ring_versions SET version = version - 1; DELETE FROM key_ring_changes");
        Assert.True(await ring.LookAsync(Cancellation));

        Assert.Equal(SecondsByHand, Retain(ring, Other));
    }

    [Fact]
    public async Task Look_AfterApplicationsWereAddedByHand_KnowsThem()
    {
        await using var keyManager = await StartAsync();
        var ring = keyManager.GetRequiredService<KeyRing>();

        await ExecuteAsync(keyManager, "INSERT INTO key_applications (client_id, created_at) VALUES ('first', now())");
        Assert.True(await ring.LookAsync(Cancellation));
        Assert.NotNull(ring.Find("first"));

        // Beside a change that says whose it was.
        await ExecuteAsync(keyManager, "INSERT INTO key_applications (client_id, created_at) VALUES ('second', now())");
        await ChangeSettingsAsync(keyManager);
        Assert.True(await ring.LookAsync(Cancellation));
        Assert.NotNull(ring.Find("second"));
    }

    [Fact]
    public async Task Look_AfterAnApplicationWasDeleted_ForgetsThatOneAlone()
    {
        await using var keyManager = await StartAsync();
        var ring = keyManager.GetRequiredService<KeyRing>();
        var other = ring.Find(Other);

        await ChangeAsync(keyManager, Changed, change => change.DeleteAsync(Cancellation));
        Assert.True(await ring.LookAsync(Cancellation));

        Assert.Null(ring.Find(Changed));
        Assert.NotNull(other);
        Assert.Same(other, ring.Find(Other));
    }

    [Fact]
    public async Task Look_AfterRevocationsOfTwoApplications_TellsBoth()
    {
        await using var keyManager = await StartAsync();
        var ring = keyManager.GetRequiredService<KeyRing>();
        var revoked = new List<string>();

        foreach (var clientId in new[] { Changed, Other })
        {
            await ChangeAsync(keyManager, clientId, change =>
            {
                var active = change.Find(KeyState.Active)!;
                revoked.Add(active.Kid);
                return change.RevokeAsync(active, Cancellation);
            });
            Assert.True(await ring.LookAsync(Cancellation));
            Assert.Null(ring.Find(clientId)!.Signer);
        }

        Assert.Equal(revoked.Order(StringComparer.Ordinal), ring.Revoked.Order(StringComparer.Ordinal));
    }

    /// <summary>Nobody changes anything then, and nothing says that it is to be read.</summary>
    [Fact]
    public async Task Look_WhenTheTimeOfAKeyIsOver_TakesItOutOfTheJwks()
    {
        await using var keyManager = await StartAsync();
        var ring = keyManager.GetRequiredService<KeyRing>();
        await ExecuteAsync(
            keyManager,
            $"""
            INSERT INTO signing_keys (id, kid, client_id, key_size, public_key, created_at, announced_at, activated_at, superseded_at, expires_at)
            SELECT gen_random_uuid(), 'leaving', client_id, key_size, public_key, created_at, announced_at, activated_at, clock_timestamp(), clock_timestamp() + interval '2 seconds'
            FROM signing_keys WHERE client_id = '{Changed}';
            UPDATE key_ring_versions SET version = version + 1
            """);

        await Eventually.TrueAsync(async () => await ring.LookAsync(Cancellation) && !IsPublished(ring, "leaving"), Cancellation);

        Assert.NotNull(ring.Find(Changed)!.Signer);
    }

    [Fact]
    public async Task Change_AfterAThousandOthers_KeepsTheNewestThousand()
    {
        await using var keyManager = await StartAsync();
        await ExecuteAsync(
            keyManager, "INSERT INTO key_ring_changes SELECT v, 'other' FROM generate_series(1, 2000) AS v; UPDATE key_ring_versions SET version = 2000");

        Assert.Equal(2001, await ChangeSettingsAsync(keyManager));

        await using var database = keyManager.OpenKeysDatabase();
        var changes = await database.Set<KeyRingChange>().OrderBy(c => c.Version).ToListAsync(Cancellation);
        Assert.Equal((1000, 1002L, 2001L, Changed), (changes.Count, changes[0].Version, changes[^1].Version, changes[^1].ClientId));
    }

    private static int Retain(KeyRing ring, string clientId) => (int)ring.Find(clientId)!.Settings.Retain.TotalSeconds;

    private static bool IsPublished(KeyRing ring, string kid) => Encoding.UTF8.GetString(ring.Find(Changed)!.Jwks!.Json).Contains($"\"{kid}\"", StringComparison.Ordinal);

    private static Task<long> ChangeSettingsAsync(ServiceProvider keyManager) => ChangeAsync(keyManager, Changed, change =>
    {
        change.Application.RetainSeconds = NewSeconds;
        return change.SaveSettingsAsync(Cancellation);
    });

    /// <summary>As another replica does it: this one is not told. Returns the version that it led to.</summary>
    private static async Task<long> ChangeAsync(ServiceProvider keyManager, string clientId, Func<KeyChange, Task> make)
    {
        await using var change = (await keyManager.GetRequiredService<KeyStore>().BeginAsync(clientId, register: false, wait: true, Cancellation))!;
        await make(change);
        return await change.CommitAsync(Cancellation);
    }

    private static async Task ExecuteAsync(ServiceProvider keyManager, string statements)
    {
        await using var database = keyManager.OpenKeysDatabase();
        await database.Database.ExecuteSqlRawAsync(statements, Cancellation);
    }

    private async Task<ServiceProvider> StartAsync()
    {
        var keyManager = await platform.BuildKeyManagerAsync(_clock, Cancellation, Changed, Other);
        await ExecuteAsync(keyManager, $"UPDATE key_applications SET retain_seconds = {SecondsByHand} WHERE client_id = '{Other}'");
        return keyManager;
    }
}
