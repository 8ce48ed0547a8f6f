using System.Security.Cryptography;
using AuthPlatform.Contracts;
using AuthPlatform.Data.Encryption;
using AuthPlatform.Data.Keys;
using AuthPlatform.IntegrationTests.Infrastructure;
using AuthPlatform.KeyManager;
using AuthPlatform.KeyManager.Keys;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Npgsql;

namespace AuthPlatform.IntegrationTests;

/// <summary>The parts of a Key Manager in this process, without its endpoints and upkeep, on a database of its own.</summary>
internal static class KeyManagerParts
{
    /// <summary>An application whose active key somebody has damaged.</summary>
    public const string Damaged = "damaged";

    /// <summary>With the keys of some applications, which it has read. It has one connection: a test that takes it has a database that answers nobody else.</summary>
    public static async Task<ServiceProvider> BuildKeyManagerAsync(this AuthPlatformFixture platform, TimeProvider clock, CancellationToken cancellationToken, params string[] clientIds)
    {
        var cipher = new EnvelopeCipher([FreshDatabases.EncryptionKey]);
        var settings = await new FreshDatabases(platform).MigratedAsync(cancellationToken, ResourceNames.KeysDatabase);
        var connection = new NpgsqlConnectionStringBuilder(settings["ConnectionStrings__keysdb"]) { MaxPoolSize = 1, Timeout = 300 };
        var keyManager = new ServiceCollection()
            .AddLogging()
            .AddMetrics()
            .AddSingleton(clock)
            .AddSingleton(cipher)
            .AddSingleton(_ => NpgsqlDataSource.Create(connection))
            .AddSingleton(Options.Create(new KeyOptions { ReadyKeys = 0 }))
            .AddSingleton<KeyMetrics>()
            .AddSingleton<ReadyKeys>()
            .AddSingleton<DatabaseClock>()
            .AddSingleton<KeyStore>()
            .AddSingleton<KeyRing>()
            .AddSingleton<SignPayloads>()
            .AddSingleton<KeyWakeUp>()
            .AddSingleton<KeyChangeMessages>()
            .AddSingleton<KeyChangeEffects>()
            .AddSingleton<RotateKey>()
            .BuildServiceProvider();
        await using (var database = keyManager.OpenKeysDatabase())
        {
            await FillAsync(database, cipher, clock.GetUtcNow(), clientIds, cancellationToken);
        }

        Assert.True(await keyManager.GetRequiredService<KeyRing>().ReloadAsync(cancellationToken));
        return keyManager;
    }

    /// <summary>The database as somebody sees it who is not this Key Manager.</summary>
    public static KeysDbContext OpenKeysDatabase(this ServiceProvider keyManager) =>
        new(new DbContextOptionsBuilder<KeysDbContext>().UseNpgsql(keyManager.GetRequiredService<NpgsqlDataSource>()).Options);

    private static async Task FillAsync(KeysDbContext database, EnvelopeCipher cipher, DateTimeOffset now, string[] clientIds, CancellationToken cancellationToken)
    {
        // But for the one that the Migration Worker has made known.
        await database.KeyApplications.ExecuteDeleteAsync(cancellationToken);
        using var pair = RSA.Create(2048);
        foreach (var clientId in clientIds)
        {
            var key = KeyPair.ToRow(clientId, pair, active: true, cipher, now);
            key.PrivateKeyEncrypted![^1] ^= (byte)(clientId == Damaged ? 1 : 0);
            database.KeyApplications.Add(new KeyApplication { ClientId = clientId, CreatedAt = now });
            database.SigningKeys.Add(key);
        }

        await database.SaveChangesAsync(cancellationToken);
    }
}
