using System.Security.Cryptography;
using System.Text;
using AuthPlatform.Data.Encryption;

namespace AuthPlatform.UnitTests.Data;

public sealed class EnvelopeCipherTests
{
    private const string FirstKey = "the first key-encryption key of the tests";
    private const string SecondKey = "the second key-encryption key of the tests";

    private static readonly EncryptedField Field = new("table", Guid.Parse("0199c7d4-0000-7000-8000-000000000001"), "column");
    private static readonly EnvelopeCipher Cipher = new([FirstKey]);

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(32)]
    [InlineData(3000)]
    public void Decrypt_OwnRecord_GivesTheValueBack(int length)
    {
        var value = RandomNumberGenerator.GetBytes(length);
        Assert.Equal(value, Cipher.Decrypt(Field, Cipher.Encrypt(Field, value)));
    }

    /// <summary>Written by this class once; what is in databases must stay readable.</summary>
    [Fact]
    public void Decrypt_RecordOfFormat1_StaysReadable()
    {
        var record = Convert.FromHexString(
            "012581b60edaef0fe6118835d8cf231061f64e30e385c1c627fc6396f8eb8a8ff4f59a8ade98c75ad5519b1965fdbfe0cacc64447054950ae6e2f6b5aaf6ca224db215c4ba5a785b"
            + "e80beb52fbcb70ee4091e91d81a61bdae348bf770d444260b5d56ad16df2");
        Assert.Equal("value"u8.ToArray(), Cipher.Decrypt(Field, record));
    }

    [Fact]
    public void Encrypt_SameValueTwice_GivesDifferentRecordsThatHideIt()
    {
        var value = "a value that would be seen"u8.ToArray();
        var (first, second) = (Cipher.Encrypt(Field, value), Cipher.Encrypt(Field, value));
        Assert.NotEqual(first, second);
        Assert.Equal(-1, first.AsSpan().IndexOf(value));
    }

    [Fact]
    public void Decrypt_AnyByteChanged_IsRefused()
    {
        var record = Cipher.Encrypt(Field, "value"u8);
        for (var i = 0; i < record.Length; i++)
        {
            record[i] ^= 1;
            Assert.ThrowsAny<CryptographicException>(() => Cipher.Decrypt(Field, record));
            record[i] ^= 1;
        }
    }

    [Fact]
    public void Decrypt_AnyOtherLength_IsRefused()
    {
        var record = Cipher.Encrypt(Field, "value"u8);
        for (var length = 0; length < record.Length; length++)
        {
            Assert.ThrowsAny<CryptographicException>(() => Cipher.Decrypt(Field, record.AsSpan(0, length)));
        }

        Assert.ThrowsAny<CryptographicException>(() => Cipher.Decrypt(Field, [.. record, 0]));
    }

    public static TheoryData<EncryptedField> OtherPlaces => new(
        Field with { Table = "other" },
        Field with { Id = Guid.Parse("0199c7d4-0000-7000-8000-000000000002") },
        Field with { Column = "other" },
        new EncryptedField("tablecolumn", Field.Id, ""));

    [Theory]
    [MemberData(nameof(OtherPlaces), DisableDiscoveryEnumeration = true)]
    public void Decrypt_RecordOfAnotherPlace_IsRefused(EncryptedField other)
    {
        var record = Cipher.Encrypt(Field, "value"u8);
        Assert.ThrowsAny<CryptographicException>(() => Cipher.Decrypt(other, record));
    }

    /// <summary>The id in the record chooses the key, and is authenticated: naming another known key does not help.</summary>
    [Fact]
    public void Decrypt_IdOfAnotherKnownKey_IsRefused()
    {
        var both = new EnvelopeCipher([FirstKey, SecondKey]);
        var record = both.Encrypt(Field, "value"u8);
        Convert.FromHexString(new EnvelopeCipher([SecondKey]).CurrentKeyId).CopyTo(record, 1);
        Assert.ThrowsAny<CryptographicException>(() => both.Decrypt(Field, record));
    }

    [Fact]
    public void Encrypt_SeveralKeys_UsesTheFirst()
    {
        var rolled = new EnvelopeCipher([SecondKey, FirstKey]);
        Assert.Equal(new EnvelopeCipher([SecondKey]).CurrentKeyId, rolled.CurrentKeyId);
        Assert.Equal("new"u8.ToArray(), new EnvelopeCipher([SecondKey]).Decrypt(Field, rolled.Encrypt(Field, "new"u8)));
        Assert.Equal("old"u8.ToArray(), rolled.Decrypt(Field, Cipher.Encrypt(Field, "old"u8)));
    }

    [Fact]
    public void Decrypt_KeyNotConfigured_NamesTheMissingOneAndNoKey()
    {
        var record = Cipher.Encrypt(Field, "value"u8);
        var exception = Assert.Throws<EncryptionKeyMissingException>(() => new EnvelopeCipher([SecondKey]).Decrypt(Field, record));
        Assert.Equal(Cipher.CurrentKeyId, exception.KeyId);
        Assert.Contains($"encryption key {Cipher.CurrentKeyId}, which is not configured", exception.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(SecondKey, exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void CurrentKeyId_OfAKey_IsAFingerprint()
    {
        Assert.Matches("^[0-9a-f]{16}$", Cipher.CurrentKeyId);
        Assert.Equal(Cipher.CurrentKeyId, new EnvelopeCipher([FirstKey]).CurrentKeyId);
        Assert.NotEqual(Cipher.CurrentKeyId, new EnvelopeCipher([SecondKey]).CurrentKeyId);
        Assert.DoesNotContain(Cipher.CurrentKeyId, Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(FirstKey))), StringComparison.Ordinal);
    }
}
