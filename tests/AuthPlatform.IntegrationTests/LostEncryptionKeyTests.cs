using System.Security.Cryptography;
using System.Text.Json;
using AuthPlatform.Data.Admin;
using AuthPlatform.Data.Auth;
using AuthPlatform.Data.Encryption;
using AuthPlatform.Data.Keys;
using AuthPlatform.IntegrationTests.Infrastructure;
using Microsoft.EntityFrameworkCore;

namespace AuthPlatform.IntegrationTests;

/// <summary>The day the databases are there and the encryption key is not (docs/operations.md, "Lost encryption key").</summary>
public sealed class LostEncryptionKeyTests(AuthPlatformFixture platform)
{
    private const string NewKey = "new-key-encryption-0123456789abcdef0123456789";

    private readonly FreshDatabases _databases = new(platform);
    private readonly EnvelopeCipher _lost = new([FreshDatabases.EncryptionKey]);
    private readonly EnvelopeCipher _new = new([NewKey]);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task EverythingUnderALostKey_IsReplacedAndThePlatformWorksAgain()
    {
        var settings = await _databases.MigratedAsync(Cancellation);
        await using var auth = new AuthDbContext(new DbContextOptionsBuilder<AuthDbContext>().UseNpgsql(settings["ConnectionStrings__authdb"]).Options);
        await using var keys = new KeysDbContext(new DbContextOptionsBuilder<KeysDbContext>().UseNpgsql(settings["ConnectionStrings__keysdb"]).Options);
        var administrator = await FillAsync(auth, keys);
        var damaged = await AddDamagedAsync(auth);
        settings["Encryption__Keys__0"] = NewKey;
        await auth.Database.OpenConnectionAsync(Cancellation);
        Assert.NotNull(await EncryptionSelfTest.RunAsync(auth.Database.GetDbConnection(), _new, Cancellation));

        var (exitCode, _, error) = await OperatorCli.RunAsync(settings, Cancellation, "keys", "replace-lost");
        Assert.Equal(2, exitCode);
        Assert.Contains("6 value(s) open with none of the configured encryption keys", error, StringComparison.Ordinal);
        var replaced = await RunAsync(settings, "keys", "replace-lost", "--yes");
        Assert.Equal(FreshDatabases.ClientId, Assert.Single(replaced.GetProperty("applications_without_secret").EnumerateArray()).GetString());
        Assert.Equal(0, (await RunAsync(settings, "keys", "replace-lost", "--yes")).GetProperty("lost").GetInt32());
        await AssertAuditedAsync(auth);

        Assert.Contains(
            $"changed or damaged: data_protection_keys.xml_encrypted of row {damaged.Id} does not open",
            await EncryptionSelfTest.RunAsync(auth.Database.GetDbConnection(), _new, Cancellation),
            StringComparison.Ordinal);
        Assert.Equal(damaged.XmlEncrypted, await auth.DataProtectionKeys.Select(k => k.XmlEncrypted).SingleAsync(Cancellation));
        await auth.DataProtectionKeys.ExecuteDeleteAsync(Cancellation);
        Assert.Null(await EncryptionSelfTest.RunAsync(auth.Database.GetDbConnection(), _new, Cancellation));
        var person = await auth.Administrators.AsNoTracking().SingleAsync(a => a.Id == administrator, Cancellation);
        Assert.Equal(20, _new.Decrypt(Administrator.TotpSecretField(person.Id), person.TotpSecretEncrypted!).Length);
        Assert.Equal(["unused"], person.RecoveryCodeHashes);

        using var keyManager = await RunningService.StartAsync("AuthPlatform.KeyManager", settings, Cancellation);
        var published = JsonElement.Parse(await keyManager.Http.GetStringAsync(new Uri($"/auth/{FreshDatabases.ClientId}/jwks", UriKind.Relative), Cancellation))
            .GetProperty("keys").EnumerateArray().Select(key => key.Text("kid")).ToList();
        // Two that nobody has seen before, and the one whose tokens still live.
        Assert.Equal((3, "old-active"), (published.Count, published[^1]));
        Assert.NotEmpty((await RunAsync(settings, "apps", "rotate-secret", FreshDatabases.ClientId)).Text("secret"));
        var (_, examined, _) = await OperatorCli.RunAsync(settings, Cancellation, "doctor");
        Assert.Matches("(?m)^ok    authdb encryption", examined);
        Assert.Matches("(?m)^ok    keysdb encryption", examined);
        Assert.Matches("(?m)^ok    signing keys", examined);
    }

    /// <summary>One event for each thing that was given up, and none for the run that found nothing.</summary>
    private static async Task AssertAuditedAsync(AuthDbContext auth)
    {
        var events = await auth.AuditEvents.AsNoTracking().ToListAsync(Cancellation);
        Assert.Equal(
            [
                $$"""{{AuditKinds.CookieKeysRemoved}}  {"keys": ["key-1"]}""",
                $$"""{{AuditKinds.KeyLost}} {{FreshDatabases.ClientId}} {"kid": "old-active", "state": "active"}""",
                $$"""{{AuditKinds.KeyLost}} {{FreshDatabases.ClientId}} {"kid": "old-next", "state": "next"}""",
                $"{AuditKinds.RefreshKeyRenewed} {FreshDatabases.ClientId} ",
                $$"""{{AuditKinds.SecretRemoved}} {{FreshDatabases.ClientId}} {"slot": 1}""",
                $$"""{{AuditKinds.UserFactorReset}}  {"user": "operator", "factor": "totp"}""",
            ],
            events.Where(e => e.Actor?.StartsWith("cli:", StringComparison.Ordinal) == true).Select(e => $"{e.Kind} {e.ClientId} {e.Details}").Order(StringComparer.Ordinal));
    }

    private static async Task<JsonElement> RunAsync(Dictionary<string, string> settings, params string[] arguments)
    {
        var (exitCode, output, error) = await OperatorCli.RunAsync(settings, Cancellation, [.. arguments, "--json"]);
        Assert.True(exitCode == 0, error);
        return JsonElement.Parse(output);
    }

    /// <summary>Its key is there, and a backup may have it whole: nothing that is to be given up.</summary>
    private async Task<DataProtectionKey> AddDamagedAsync(AuthDbContext auth)
    {
        var (id, now) = (Guid.CreateVersion7(), TimeProvider.System.GetUtcNow());
        var damaged = _new.Encrypt(DataProtectionKey.XmlField(id), "<key/>"u8);
        damaged[^1] ^= 1;
        var key = new DataProtectionKey { Id = id, Name = "damaged", XmlEncrypted = damaged, EncryptionKey = _new.CurrentKeyId, CreatedAt = now };
        auth.DataProtectionKeys.Add(key);
        await auth.SaveChangesAsync(Cancellation);
        return key;
    }

    /// <summary>The bootstrap application is there with a secret and a refresh key; this adds its signing keys, an administrator and a key of their cookies.</summary>
    private async Task<Guid> FillAsync(AuthDbContext auth, KeysDbContext keys)
    {
        var now = TimeProvider.System.GetUtcNow();
        foreach (var (kid, activatedAt) in (IEnumerable<(string, DateTimeOffset?)>)[("old-active", now.AddDays(-1)), ("old-next", null)])
        {
            using var pair = RSA.Create(2048);
            var id = Guid.CreateVersion7(now);
            keys.SigningKeys.Add(new SigningKey
            {
                Id = id,
                Kid = kid,
                ClientId = FreshDatabases.ClientId,
                KeySize = 2048,
                PublicKey = pair.ExportSubjectPublicKeyInfo(),
                PrivateKeyEncrypted = _lost.Encrypt(SigningKey.PrivateKeyField(id), pair.ExportPkcs8PrivateKey()),
                EncryptionKey = _lost.CurrentKeyId,
                CreatedAt = now.AddDays(-2),
                AnnouncedAt = now.AddDays(-2),
                ActivatedAt = activatedAt,
            });
        }

        await keys.SaveChangesAsync(Cancellation);
        var (person, cookies) = (Guid.CreateVersion7(now), Guid.CreateVersion7(now));
        auth.Administrators.Add(new Administrator
        {
            Id = person,
            UserName = "operator",
            NormalizedUserName = "OPERATOR",
            TotpSecretEncrypted = _lost.Encrypt(Administrator.TotpSecretField(person), RandomNumberGenerator.GetBytes(20)),
            TotpSecretEncryptionKey = _lost.CurrentKeyId,
            RecoveryCodeHashes = ["unused"],
            CreatedAt = now,
        });
        auth.DataProtectionKeys.Add(new DataProtectionKey
        {
            Id = cookies,
            Name = "key-1",
            XmlEncrypted = _lost.Encrypt(DataProtectionKey.XmlField(cookies), "<key/>"u8),
            EncryptionKey = _lost.CurrentKeyId,
            CreatedAt = now,
        });
        await auth.SaveChangesAsync(Cancellation);
        return person;
    }
}
