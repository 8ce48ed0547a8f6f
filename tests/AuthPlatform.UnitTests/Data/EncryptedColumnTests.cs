using AuthPlatform.Data;
using AuthPlatform.Data.Encryption;

namespace AuthPlatform.UnitTests.Data;

public sealed class EncryptedColumnTests
{
    [Fact]
    public void Of_Authdb_FindsWhatIsEncrypted()
    {
        using var database = new AuthDesignTimeContext().CreateDbContext([]);
        var columns = EncryptedColumn.Of(database);
        Assert.Contains(new EncryptedColumn("application_secrets", "secret_encrypted", "encryption_key"), columns);
        Assert.Contains(new EncryptedColumn("applications", "refresh_key_encrypted", "refresh_key_encryption_key"), columns);
    }

    [Fact]
    public void Of_Keysdb_FindsThePrivateKeys()
    {
        using var database = new KeysDesignTimeContext().CreateDbContext([]);
        Assert.Equal([new EncryptedColumn("signing_keys", "private_key_encrypted", "encryption_key")], EncryptedColumn.Of(database));
    }
}
