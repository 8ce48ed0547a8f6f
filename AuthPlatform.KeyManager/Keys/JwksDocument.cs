using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text.Json;
using AuthPlatform.Contracts;
using AuthPlatform.Data.Keys;
using Microsoft.Net.Http.Headers;

namespace AuthPlatform.KeyManager.Keys;

/// <summary>The public keys of one application as they are served (RFC 7517).</summary>
internal sealed class JwksDocument
{
    private JwksDocument(byte[] json)
    {
        Json = json;
        // Made of the content, so that all replicas give the same.
        ETag = new EntityTagHeaderValue($"\"{Base64Url.EncodeToString(SHA256.HashData(json).AsSpan(0, 16))}\"");
    }

    public byte[] Json { get; }

    public EntityTagHeaderValue ETag { get; }

    /// <summary>Writes the published keys, newest first.</summary>
    public static JwksDocument Create(IEnumerable<SigningKey> keys) =>
        new(JsonSerializer.SerializeToUtf8Bytes(new PublishedKeys([.. keys.Select(Published)]), KeyContractsJson.Default.PublishedKeys));

    private static PublishedKey Published(SigningKey key)
    {
        using var rsa = RSA.Create();
        rsa.ImportSubjectPublicKeyInfo(key.PublicKey, out _);
        var parameters = rsa.ExportParameters(includePrivateParameters: false);
        return new PublishedKey("RSA", "sig", key.Algorithm, key.Kid, Base64Url.EncodeToString(parameters.Modulus), Base64Url.EncodeToString(parameters.Exponent));
    }
}
