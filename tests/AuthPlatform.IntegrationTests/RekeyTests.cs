using System.Security.Cryptography;
using System.Text;
using AuthPlatform.Data.Auth;
using AuthPlatform.Data.Encryption;
using AuthPlatform.Data.Keys;
using AuthPlatform.IntegrationTests.Infrastructure;
using Microsoft.EntityFrameworkCore;

namespace AuthPlatform.IntegrationTests;

/// <summary>From one encryption key to the next, and what a service says that has the wrong one.</summary>
public sealed class RekeyTests(AuthPlatformFixture platform)
{
    private const string NewKey = "new-key-encryption-0123456789abcdef0123456789";

    /// <summary>More than one batch.</summary>
    private const int Applications = 120;

    private readonly FreshDatabases _databases = new(platform);
    private readonly EnvelopeCipher _old = new([FreshDatabases.EncryptionKey]);
    private readonly EnvelopeCipher _both = new([NewKey, FreshDatabases.EncryptionKey]);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Rekey_OfBothDatabases_LeavesNothingOnTheOldKey()
    {
        var environment = await _databases.MigratedAsync(Cancellation);
        await using var auth = new AuthDbContext(Options<AuthDbContext>(environment["ConnectionStrings__authdb"]));
        await using var keys = new KeysDbContext(Options<KeysDbContext>(environment["ConnectionStrings__keysdb"]));
        var damaged = await FillAsync(auth, keys);

        var rekey = new Rekey(_both);
        var before = await CountAsync(rekey, auth, keys);
        await rekey.RunAsync(keys, Cancellation);
        var results = await RunAmongSignInsAsync(rekey, auth, environment["ConnectionStrings__authdb"]);

        // The bootstrap application has a secret and a refresh key too; other columns are empty here.
        Assert.Equal([Applications + 1, Applications + 1, 1], before.Where(left => left > 0));
        var failed = Assert.Single(results, r => r.Left > 0);
        Assert.Contains(damaged.ToString(), Assert.Single(failed.Failures), StringComparison.Ordinal);
        Assert.Equal([Applications, Applications + 1], results.Select(r => r.Moved).Where(moved => moved > 0).Order());

        await auth.Applications.Where(a => a.Id == damaged).ExecuteDeleteAsync(Cancellation);
        Assert.All(await CountAsync(rekey, auth, keys), left => Assert.Equal(0, left));
        var secret = await auth.ApplicationSecrets.AsNoTracking().OrderBy(s => s.Id).LastAsync(Cancellation);
        Assert.Equal("secret", Encoding.UTF8.GetString(new EnvelopeCipher([NewKey]).Decrypt(ApplicationSecret.SecretField(secret.Id), secret.SecretEncrypted)));

        await AssertRefusesAsync("AuthPlatform.KeyManager", environment, "signing_keys.private_key_encrypted");
        await AssertRefusesAsync("AuthPlatform.TokenApi", environment, "_encrypted of row");
        await keys.Database.OpenConnectionAsync(Cancellation);
        Assert.Null(await EncryptionSelfTest.RunAsync(keys.Database.GetDbConnection(), new EnvelopeCipher([NewKey]), Cancellation));
        Assert.NotNull(await EncryptionSelfTest.RunAsync(keys.Database.GetDbConnection(), _old, Cancellation));
    }

    /// <summary>Started with the old key only: one line that names the key which is missing, and no key.</summary>
    private static async Task AssertRefusesAsync(string service, Dictionary<string, string> environment, string column)
    {
        var settings = new Dictionary<string, string>(environment)
        {
            ["ConnectionStrings__redis"] = "127.0.0.1:1",
            ["services__key-manager__http__0"] = "http://127.0.0.1:1",
            ["Tokens__PublicUrl"] = "http://localhost",
        };
        var (exitCode, log) = await ServiceProcess.Start(service, settings).FinishAsync(Cancellation);

        Assert.Equal(1, exitCode);
        var line = Assert.Single(log.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        Assert.Contains("This service does not start: The configured encryption keys do not open what is stored", line, StringComparison.Ordinal);
        Assert.Contains(column, line, StringComparison.Ordinal);
        Assert.Contains(new EnvelopeCipher([NewKey]).CurrentKeyId, line, StringComparison.Ordinal);
        Assert.DoesNotContain(FreshDatabases.EncryptionKey, line, StringComparison.Ordinal);
    }

    /// <summary>The services go on: sessions that are just being written hold the applications that they belong to.</summary>
    private static async Task<IReadOnlyList<RekeyResult>> RunAmongSignInsAsync(Rekey rekey, AuthDbContext auth, string connectionString)
    {
        await using var signIn = new AuthDbContext(Options<AuthDbContext>(connectionString));
        await using var transaction = await signIn.Database.BeginTransactionAsync(Cancellation);
        // What PostgreSQL does for the foreign key of each session.
        await signIn.Database.ExecuteSqlAsync($"SELECT id FROM applications FOR KEY SHARE", Cancellation);
        return await rekey.RunAsync(auth, Cancellation);
    }

    private static DbContextOptions<TContext> Options<TContext>(string connectionString)
        where TContext : DbContext => new DbContextOptionsBuilder<TContext>().UseNpgsql(connectionString).Options;

    private static async Task<IEnumerable<long>> CountAsync(Rekey rekey, AuthDbContext auth, KeysDbContext keys) =>
        [.. (await rekey.CountAsync(auth, Cancellation)).Concat(await rekey.CountAsync(keys, Cancellation)).Select(r => r.Left)];

    /// <summary>Returns an application whose refresh key somebody has damaged.</summary>
    private async Task<Guid> FillAsync(AuthDbContext auth, KeysDbContext keys)
    {
        var now = TimeProvider.System.GetUtcNow();
        for (var i = 0; i < Applications; i++)
        {
            var (id, secretId) = (Guid.CreateVersion7(now), Guid.CreateVersion7(now));
            var application = new Application
            {
                Id = id,
                ClientId = $"app-{i}",
                Name = "",
                RefreshKeyEncrypted = _old.Encrypt(Application.RefreshKeyField(id), RandomNumberGenerator.GetBytes(32)),
                RefreshKeyEncryptionKey = _old.CurrentKeyId,
                CreatedAt = now,
                UpdatedAt = now,
            };
            application.Secrets.Add(new ApplicationSecret
            {
                Id = secretId,
                ApplicationId = id,
                Slot = 1,
                SecretEncrypted = _old.Encrypt(ApplicationSecret.SecretField(secretId), "secret"u8),
                EncryptionKey = _old.CurrentKeyId,
                CreatedAt = now,
            });
            auth.Applications.Add(application);
        }

        var damaged = auth.ChangeTracker.Entries<Application>().First().Entity;
        damaged.RefreshKeyEncrypted[^1] ^= 1;
        await auth.SaveChangesAsync(Cancellation);

        var keyId = Guid.CreateVersion7(now);
        keys.SigningKeys.Add(new SigningKey
        {
            Id = keyId,
            Kid = "a-key",
            ClientId = FreshDatabases.ClientId,
            KeySize = 2048,
            PublicKey = [1],
            PrivateKeyEncrypted = _old.Encrypt(SigningKey.PrivateKeyField(keyId), "private"u8),
            EncryptionKey = _old.CurrentKeyId,
            CreatedAt = now,
            AnnouncedAt = now,
        });
        await keys.SaveChangesAsync(Cancellation);
        return damaged.Id;
    }
}
