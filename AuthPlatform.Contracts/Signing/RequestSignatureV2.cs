using System.Buffers;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace AuthPlatform.Contracts.Signing;

/// <summary>
/// Version 2 of request signing: HMAC-SHA256, keyed with the UTF-8 bytes of the secret string, over the lines
/// <c>AUTH-HMAC-SHA256-V2</c>, method, path, query, timestamp, nonce, client id and the lower-case hex SHA-256 of the body.
/// </summary>
public static class RequestSignatureV2
{
    /// <summary>What stands before each signature in <see cref="SigningHeaders.Signature"/>.</summary>
    public const string Prefix = "v2=";

    private const string Scheme = "AUTH-HMAC-SHA256-V2";

    /// <summary>What is signed beside the body, each exactly as it goes over the wire.</summary>
    /// <param name="Method">The HTTP method in upper case.</param>
    /// <param name="Path">The path as sent, neither decoded nor normalised.</param>
    /// <param name="Query">The query as sent, without <c>?</c>; may be empty.</param>
    /// <param name="Timestamp">UNIX seconds, digits only.</param>
    /// <param name="Nonce">16–64 characters of <c>[A-Za-z0-9_-]</c>.</param>
    /// <param name="ClientId">The application.</param>
    public readonly record struct Parts(string Method, string Path, string Query, string Timestamp, string Nonce, string ClientId);

    /// <summary>The value of <see cref="SigningHeaders.Signature"/> for this request.</summary>
    public static string Sign(string secret, in Parts parts, ReadOnlySpan<byte> body)
    {
        Span<byte> signature = stackalloc byte[HMACSHA256.HashSizeInBytes];
        var signed = RentBytesToSign(parts, body);
        HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), signed, signature);
        ArrayPool<byte>.Shared.Return(signed.Array!);
        return Prefix + Convert.ToBase64String(signature);
    }

    /// <summary>Writes the bytes of the text that is signed into a pooled buffer, so that several keys can be tried without building it again.</summary>
    /// <returns>The bytes; give them back to <see cref="ArrayPool{T}.Shared"/> after use.</returns>
    public static ArraySegment<byte> RentBytesToSign(in Parts parts, ReadOnlySpan<byte> body)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        Span<char> hex = stackalloc char[SHA256.HashSizeInBytes * 2];
        SHA256.HashData(body, hash);
        Convert.TryToHexStringLower(hash, hex, out _);

        var characters = Scheme.Length + parts.Method.Length + parts.Path.Length + parts.Query.Length + parts.Timestamp.Length + parts.Nonce.Length + parts.ClientId.Length + hex.Length + 7;
        var buffer = ArrayPool<byte>.Shared.Rent(Encoding.UTF8.GetMaxByteCount(characters));
        return System.Text.Unicode.Utf8.TryWrite(
            buffer,
            CultureInfo.InvariantCulture,
            $"{Scheme}\n{parts.Method}\n{parts.Path}\n{parts.Query}\n{parts.Timestamp}\n{parts.Nonce}\n{parts.ClientId}\n{hex}",
            out var written)
            ? new ArraySegment<byte>(buffer, 0, written)
            : throw new InvalidOperationException("The buffer is sized for the worst case of UTF-8.");
    }
}
