using System.Security.Cryptography;

namespace AuthPlatform.Data.Encryption;

/// <summary>
/// AES-256-GCM envelopes: a random key for each value encrypts it, and a configured key wraps that one. Both layers are bound to the place of the value and
/// to the key they were made with. Thread-safe.
/// </summary>
/// <remarks>
/// Format 1: version (1 byte, 1) · id of the wrapping key (8) · nonce (12) and tag (16) and wrapped data key (32) · nonce (12) and tag (16) and ciphertext.
/// </remarks>
public sealed class EnvelopeCipher
{
    /// <summary>Where in a record the id of the wrapping key begins.</summary>
    internal const int KeyIdOffset = 1;

    private const byte FormatVersion = 1;
    private const int HeaderLength = 1 + KeyEncryptionKey.IdLength;
    private const int DataKeyLength = 32;
    private const int NonceLength = 12;
    private const int TagLength = 16;
    private const int SealLength = NonceLength + TagLength;
    private const int OverheadLength = HeaderLength + SealLength + DataKeyLength + SealLength;
    private const byte WrapLayer = 1;
    private const byte ValueLayer = 2;

    private readonly KeyEncryptionKey[] _keys;

    /// <summary>Derives the wrapping keys from the configured strings (<see cref="EncryptionOptions.Keys"/>, newest first), once.</summary>
    public EnvelopeCipher(IEnumerable<string> keys)
    {
        _keys = [.. keys.Select(key => new KeyEncryptionKey(key))];
    }

    /// <summary>Id of the key that encrypts, 16 hex characters; stored beside what it encrypted so that a rekey can ask for what is left.</summary>
    public string CurrentKeyId => _keys[0].Name;

    /// <summary>The same as it stands in records, where SQL can compare it: 8 bytes at <see cref="KeyIdOffset"/>.</summary>
    internal byte[] CurrentKeyIdBytes => _keys[0].Id.ToArray();

    /// <summary>Encrypts a value for one place in the database.</summary>
    public byte[] Encrypt(EncryptedField field, ReadOnlySpan<byte> value)
    {
        var key = _keys[0];
        var record = new byte[OverheadLength + value.Length];
        var header = record.AsSpan(0, HeaderLength);
        header[0] = FormatVersion;
        key.Id.CopyTo(header[1..]);

        Span<byte> dataKey = stackalloc byte[DataKeyLength];
        RandomNumberGenerator.Fill(dataKey);
        Seal(key.Key, dataKey, record.AsSpan(HeaderLength, SealLength + DataKeyLength), field.AssociatedData(WrapLayer, header));
        Seal(dataKey, value, record.AsSpan(HeaderLength + SealLength + DataKeyLength), field.AssociatedData(ValueLayer, header));
        CryptographicOperations.ZeroMemory(dataKey);
        return record;
    }

    /// <summary>Decrypts a value of one place in the database. The caller zeroes the result when it is done with it.</summary>
    /// <exception cref="EncryptionKeyMissingException">It was encrypted with a key that is not configured.</exception>
    /// <exception cref="CryptographicException">It was changed, or belongs to another place.</exception>
    public byte[] Decrypt(EncryptedField field, ReadOnlySpan<byte> record)
    {
        if (record.Length < OverheadLength || record[0] != FormatVersion)
        {
            throw new CryptographicException($"{field.Table}.{field.Column} of row {field.Id} is not an encrypted value of a known format.");
        }

        var header = record[..HeaderLength];
        var key = FindKey(field, header[1..]);
        var value = new byte[record.Length - OverheadLength];
        Span<byte> dataKey = stackalloc byte[DataKeyLength];
        try
        {
            Open(key.Key, record.Slice(HeaderLength, SealLength + DataKeyLength), dataKey, field.AssociatedData(WrapLayer, header));
            Open(dataKey, record[(HeaderLength + SealLength + DataKeyLength)..], value, field.AssociatedData(ValueLayer, header));
            return value;
        }
        finally
        {
            CryptographicOperations.ZeroMemory(dataKey);
        }
    }

    private KeyEncryptionKey FindKey(EncryptedField field, ReadOnlySpan<byte> id)
    {
        foreach (var key in _keys)
        {
            if (key.Id.SequenceEqual(id))
            {
                return key;
            }
        }

        throw new EncryptionKeyMissingException(Convert.ToHexStringLower(id), field, _keys.Select(k => k.Name));
    }

    private static void Seal(ReadOnlySpan<byte> key, ReadOnlySpan<byte> plain, Span<byte> destination, ReadOnlySpan<byte> associatedData)
    {
        // Not kept: an instance must not be used by two threads at once.
        using var aes = new AesGcm(key, TagLength);
        RandomNumberGenerator.Fill(destination[..NonceLength]);
        aes.Encrypt(destination[..NonceLength], plain, destination[SealLength..], destination[NonceLength..SealLength], associatedData);
    }

    private static void Open(ReadOnlySpan<byte> key, ReadOnlySpan<byte> source, Span<byte> plain, ReadOnlySpan<byte> associatedData)
    {
        using var aes = new AesGcm(key, TagLength);
        aes.Decrypt(source[..NonceLength], source[SealLength..], source[NonceLength..SealLength], plain, associatedData);
    }
}
