using System.Buffers;
using System.Buffers.Binary;
using System.Buffers.Text;
using System.Runtime.InteropServices;
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

    /// <summary>52 bytes are 70 characters of base64url.</summary>
    private const int Length = 3 + 70;

    /// <summary>Keeps the uses of the application's key apart.</summary>
    private static ReadOnlySpan<byte> TokenContext => "authplatform refresh token v1\n"u8;

    private static ReadOnlySpan<byte> TokenIdContext => "authplatform refresh token id v1\n"u8;

    public static string Create(ReadOnlySpan<byte> key, Guid sessionId, int generation)
    {
        Span<byte> token = stackalloc byte[IdentityLength + HMACSHA256.HashSizeInBytes];
        Authenticate(key, TokenContext, sessionId, generation, token);
        return Prefix + Base64Url.EncodeToString(token);
    }

    /// <summary>The session and generation of a token that was made with this key; null for anything else, in a time that depends on its length alone.</summary>
    public static (Guid SessionId, int Generation)? Read(ReadOnlySpan<byte> key, string token)
    {
        Span<byte> bytes = stackalloc byte[IdentityLength + HMACSHA256.HashSizeInBytes];
        if (token.Length != Length || Base64Url.DecodeFromChars(token.AsSpan(Prefix.Length), bytes, out _, out _) != OperationStatus.Done)
        {
            return null;
        }

        var sessionId = new Guid(bytes[..SessionIdLength], bigEndian: true);
        var generation = BinaryPrimitives.ReadInt32BigEndian(bytes[SessionIdLength..]);
        // Compared as text, so that only the one canonical spelling passes.
        var expected = Create(key, sessionId, generation);
        return CryptographicOperations.FixedTimeEquals(MemoryMarshal.AsBytes(expected.AsSpan()), MemoryMarshal.AsBytes(token.AsSpan())) ? (sessionId, generation) : null;
    }

    /// <summary>The <c>jti</c> of a refresh token in JWT form: the same for the same token, and not to be guessed without the key.</summary>
    public static string TokenId(ReadOnlySpan<byte> key, Guid sessionId, int generation)
    {
        Span<byte> token = stackalloc byte[IdentityLength + HMACSHA256.HashSizeInBytes];
        Authenticate(key, TokenIdContext, sessionId, generation, token);
        return Base64Url.EncodeToString(token.Slice(IdentityLength, 16));
    }

    /// <summary>
    /// Whether a <c>jti</c> is that of the refresh token in JWT form, compared in constant time. The signature alone does not say so: whoever has a signing key could write one for any
    /// session, and exchange it for tokens that outlive the key.
    /// </summary>
    public static bool IsTokenId(ReadOnlySpan<byte> key, Guid sessionId, int generation, string? presented) =>
        presented is not null && CryptographicOperations.FixedTimeEquals(MemoryMarshal.AsBytes(TokenId(key, sessionId, generation).AsSpan()), MemoryMarshal.AsBytes(presented.AsSpan()));

    /// <summary>Writes the identity and the HMAC behind it.</summary>
    private static void Authenticate(ReadOnlySpan<byte> key, ReadOnlySpan<byte> context, Guid sessionId, int generation, Span<byte> destination)
    {
        sessionId.TryWriteBytes(destination, bigEndian: true, out _);
        BinaryPrimitives.WriteInt32BigEndian(destination[SessionIdLength..], generation);
        Span<byte> message = stackalloc byte[context.Length + IdentityLength];
        context.CopyTo(message);
        destination[..IdentityLength].CopyTo(message[context.Length..]);
        HMACSHA256.HashData(key, message, destination[IdentityLength..]);
    }
}
