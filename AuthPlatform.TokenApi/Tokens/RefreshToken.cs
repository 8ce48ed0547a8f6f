using System.Buffers.Binary;
using System.Buffers.Text;
using System.Security.Cryptography;

namespace AuthPlatform.TokenApi.Tokens;

/// <summary>
/// The opaque refresh token: <c>rt_</c> and the base64url of session id, generation and a 256-bit HMAC of both under the application's own key.
/// It proves itself, nothing of it is stored, and the same (session, generation) always gives the same bytes, so that a retry gets what was lost.
/// </summary>
internal static class RefreshToken
{
    public const string Prefix = "rt_";

    private const int SessionIdLength = 16;
    private const int GenerationLength = 4;
    private const int IdentityLength = SessionIdLength + GenerationLength;

    /// <summary>Keeps this use of the application's key apart from any later one.</summary>
    private static ReadOnlySpan<byte> Context => "authplatform refresh token v1\n"u8;

    public static string Create(ReadOnlySpan<byte> key, Guid sessionId, int generation)
    {
        Span<byte> token = stackalloc byte[IdentityLength + HMACSHA256.HashSizeInBytes];
        sessionId.TryWriteBytes(token, bigEndian: true, out _);
        BinaryPrimitives.WriteInt32BigEndian(token[SessionIdLength..], generation);
        Authenticate(key, token[..IdentityLength], token[IdentityLength..]);
        return Prefix + Base64Url.EncodeToString(token);
    }

    private static void Authenticate(ReadOnlySpan<byte> key, ReadOnlySpan<byte> identity, Span<byte> destination)
    {
        Span<byte> message = stackalloc byte[Context.Length + IdentityLength];
        Context.CopyTo(message);
        identity.CopyTo(message[Context.Length..]);
        HMACSHA256.HashData(key, message, destination);
    }
}
