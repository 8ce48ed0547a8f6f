using System.Security.Cryptography;
using System.Text;

namespace AuthPlatform.Data.Encryption;

/// <summary>One configured key: the 256 bits that wrap data keys, and an id that tells keys apart without telling anything about them.</summary>
internal sealed class KeyEncryptionKey
{
    public const int IdLength = 8;

    private readonly byte[] _key;
    private readonly byte[] _id;

    public KeyEncryptionKey(string configured)
    {
        var bytes = Encoding.UTF8.GetBytes(configured);
        // Different infos make the two outputs independent: the id, which is stored in the clear, gives no bit of the key away.
        _key = HKDF.DeriveKey(HashAlgorithmName.SHA256, bytes, 32, info: "AuthPlatform.Data envelope key"u8.ToArray());
        _id = HKDF.DeriveKey(HashAlgorithmName.SHA256, bytes, IdLength, info: "AuthPlatform.Data envelope key id"u8.ToArray());
        CryptographicOperations.ZeroMemory(bytes);
        Name = Convert.ToHexStringLower(_id);
    }

    /// <summary>The id as people see it: 16 hex characters.</summary>
    public string Name { get; }

    public ReadOnlySpan<byte> Id => _id;

    public ReadOnlySpan<byte> Key => _key;
}
