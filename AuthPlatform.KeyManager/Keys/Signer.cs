using System.Buffers.Text;
using System.Collections.Frozen;
using System.Security.Cryptography;
using System.Text;
using AuthPlatform.Contracts;

namespace AuthPlatform.KeyManager.Keys;

/// <summary>An active key, ready to sign. Thread-safe.</summary>
/// <remarks>
/// One <see cref="RSA"/> for all threads: each signature makes its own OpenSSL context over the shared key, so they neither disturb nor wait for each other. That is
/// how .NET does it on every system, though its documentation does not promise it; a test signs from many threads and would notice.
/// </remarks>
internal sealed class Signer
{
    private static readonly string[] Types = [KeyManagerContract.AccessTokenType, KeyManagerContract.RefreshTokenType, KeyManagerContract.SeedTokenType];

    private readonly RSA _rsa;
    private readonly FrozenDictionary<string, byte[]> _headers;

    public Signer(string keyId, RSA rsa)
    {
        AnswerPrefix = SigningFrames.TokenPrefix(keyId);
        _rsa = rsa;
        _headers = Types.ToFrozenDictionary(type => type, type => EncodeHeader(keyId, type), StringComparer.Ordinal);
    }

    /// <summary>What comes before a token of this key in an answer.</summary>
    public ReadOnlyMemory<byte> AnswerPrefix { get; }

    public static bool Takes(string type) => Types.Contains(type, StringComparer.Ordinal);

    /// <summary>Bytes of a compact JWS over a payload of this length.</summary>
    public int LengthOf(string type, int payloadLength) =>
        _headers[type].Length + 1 + Base64Url.GetEncodedLength(payloadLength) + 1 + Base64Url.GetEncodedLength(_rsa.KeySize / 8);

    /// <summary>Writes the compact JWS; <paramref name="destination"/> has exactly <see cref="LengthOf"/> bytes.</summary>
    public void Sign(string type, ReadOnlySpan<byte> payload, Span<byte> destination)
    {
        var header = _headers[type];
        header.CopyTo(destination);
        destination[header.Length] = (byte)'.';
        var end = header.Length + 1 + Base64Url.EncodeToUtf8(payload, destination[(header.Length + 1)..]);

        Span<byte> signature = stackalloc byte[_rsa.KeySize / 8];
        _rsa.SignData(destination[..end], signature, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        destination[end] = (byte)'.';
        Base64Url.EncodeToUtf8(signature, destination[(end + 1)..]);
    }

    private static byte[] EncodeHeader(string keyId, string type) =>
        Base64Url.EncodeToUtf8(Encoding.ASCII.GetBytes($$"""{"alg":"RS256","kid":"{{keyId}}","typ":"{{type}}"}"""));
}
