namespace AuthPlatform.Data.Encryption;

/// <summary>An encrypted value, as it is stored.</summary>
/// <param name="Record">The envelope.</param>
/// <param name="KeyId">Id of the key-encryption key it was made with, 16 hex characters; stored beside it so that a rekey can ask for what is left.</param>
public sealed record EncryptedValue(byte[] Record, string KeyId);
