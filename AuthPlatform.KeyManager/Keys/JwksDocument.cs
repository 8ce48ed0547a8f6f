using System.Buffers;
using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text.Json;
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
    public static JwksDocument Create(IEnumerable<SigningKey> keys)
    {
        var buffer = new ArrayBufferWriter<byte>(2048);
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteStartArray("keys"u8);
            foreach (var key in keys)
            {
                Write(json, key);
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        return new JwksDocument(buffer.WrittenSpan.ToArray());
    }

    private static void Write(Utf8JsonWriter json, SigningKey key)
    {
        using var rsa = RSA.Create();
        rsa.ImportSubjectPublicKeyInfo(key.PublicKey, out _);
        var parameters = rsa.ExportParameters(includePrivateParameters: false);
        json.WriteStartObject();
        json.WriteString("kty"u8, "RSA"u8);
        json.WriteString("use"u8, "sig"u8);
        json.WriteString("alg"u8, key.Algorithm);
        json.WriteString("kid"u8, key.Kid);
        json.WriteString("n"u8, Base64Url.EncodeToString(parameters.Modulus));
        json.WriteString("e"u8, Base64Url.EncodeToString(parameters.Exponent));
        json.WriteEndObject();
    }
}
