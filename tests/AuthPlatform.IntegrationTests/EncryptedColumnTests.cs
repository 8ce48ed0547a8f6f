using AuthPlatform.Data.Encryption;
using AuthPlatform.IntegrationTests.Infrastructure;
using Microsoft.EntityFrameworkCore;

namespace AuthPlatform.IntegrationTests;

public sealed class EncryptedColumnTests(AuthPlatformFixture platform)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Find_Authdb_FindsWhatIsEncrypted()
    {
        await using var database = await platform.OpenAuthDatabaseAsync(Cancellation);
        Assert.Equal(
            [
                new EncryptedColumn("administrators", "totp_secret_encrypted", "totp_secret_encryption_key"),
                new EncryptedColumn("application_secrets", "secret_encrypted", "encryption_key"),
                new EncryptedColumn("applications", "refresh_key_encrypted", "refresh_key_encryption_key"),
                new EncryptedColumn("data_protection_keys", "xml_encrypted", "encryption_key"),
            ],
            await FindAsync(database));
    }

    [Fact]
    public async Task Find_Keysdb_FindsThePrivateKeys()
    {
        await using var database = await platform.OpenKeysDatabaseAsync(Cancellation);
        Assert.Equal([new EncryptedColumn("signing_keys", "private_key_encrypted", "encryption_key")], await FindAsync(database));
    }

    private static async Task<IReadOnlyList<EncryptedColumn>> FindAsync(DbContext database)
    {
        await database.Database.OpenConnectionAsync(Cancellation);
        return await EncryptedColumn.FindAsync(database.Database.GetDbConnection(), Cancellation);
    }
}
