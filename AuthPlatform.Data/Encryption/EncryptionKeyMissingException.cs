using System.Security.Cryptography;

namespace AuthPlatform.Data.Encryption;

/// <summary>A stored value was encrypted with a key that is not configured. Nothing is wrong with the value: the key must come back into the list.</summary>
public sealed class EncryptionKeyMissingException : CryptographicException
{
    internal EncryptionKeyMissingException(string keyId, EncryptedField field, IEnumerable<string> configured)
        : base($"{field.Table}.{field.Column} of row {field.Id} was encrypted with the encryption key {keyId}, which is not configured. "
            + $"Add that key to the end of Encryption__Keys (configured now: {string.Join(", ", configured)}).")
    {
        KeyId = keyId;
    }

    /// <summary>Id of the key that is missing, 16 hex characters.</summary>
    public string KeyId { get; }
}
