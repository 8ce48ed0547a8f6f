using System.Security.Cryptography;
using System.Text;

namespace AuthPlatform.Contracts.Signing;

/// <summary>
/// Version 1 of request signing: HMAC-SHA256 over the raw body bytes, keyed with the UTF-8 bytes of the secret string. Method and path are not covered, so
/// the server remembers each signature; new applications use <see cref="RequestSignatureV2"/>.
/// </summary>
public static class RequestSignatureV1
{
    /// <summary>The value of <see cref="SigningHeaders.Signature"/> for this body.</summary>
    public static string Sign(string secret, ReadOnlySpan<byte> body) =>
        Convert.ToBase64String(HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), body));
}
