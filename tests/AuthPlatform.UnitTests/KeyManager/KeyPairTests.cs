using System.Globalization;
using System.Security.Cryptography;
using AuthPlatform.Data.Keys;
using AuthPlatform.KeyManager.Keys;
using static AuthPlatform.UnitTests.KeyManager.SigningKeys;

namespace AuthPlatform.UnitTests.KeyManager;

public sealed class KeyPairTests
{
    [Theory]
    [InlineData("2026-03-01T12:00:00+00:00", "20260301-0199c7d4-0000-7000-8000-000000000001")]
    [InlineData("2026-03-01T01:00:00+02:00", "20260228-0199c7d4-0000-7000-8000-000000000001")]
    public void KeyId_OfAKey_IsItsDayInUtcAndItsId(string now, string expected) =>
        Assert.Equal(expected, KeyPair.KeyId(DateTimeOffset.Parse(now, CultureInfo.InvariantCulture), Guid.Parse("0199c7d4-0000-7000-8000-000000000001")));

    [Fact]
    public void ToRow_ActiveOrNot_DiffersOnlyInActivation()
    {
        var (active, next) = (Generate(active: true), Generate(active: false));
        Assert.Equal((KeyState.Active, KeyState.Next), (KeyPolicy.StateOf(active, Now), KeyPolicy.StateOf(next, Now)));
        Assert.Equal((Now, Now, Now), (active.CreatedAt, active.AnnouncedAt, next.AnnouncedAt));
        Assert.NotEqual(active.PublicKey, next.PublicKey);
    }

    [Fact]
    public void ToRow_PrivatePart_IsEncryptedForItsRowAndFitsThePublicPart()
    {
        var key = Generate(active: true);
        using var rsa = RSA.Create();
        rsa.ImportPkcs8PrivateKey(Cipher.Decrypt(SigningKey.PrivateKeyField(key.Id), key.PrivateKeyEncrypted), out _);
        Assert.Equal((2048, 2048), (rsa.KeySize, key.KeySize));
        Assert.Equal(key.PublicKey, rsa.ExportSubjectPublicKeyInfo());
        Assert.Equal(Cipher.CurrentKeyId, key.EncryptionKey);
    }
}
