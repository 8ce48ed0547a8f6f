using System.Buffers;
using System.Buffers.Text;
using System.Text.Json;
using AuthPlatform.TokenApi.Requests;

namespace AuthPlatform.TokenApi.Tokens;

/// <summary>
/// What a token must look like before any key is looked up: three canonical base64url segments, strict JSON in header and payload, and a header of exactly
/// the members we write. JWT libraries are lenient about all of these, and each leniency has been an attack (RFC 8725 §2).
/// </summary>
/// <param name="KeyId">The header's <c>kid</c>.</param>
/// <param name="Type">The header's <c>typ</c>.</param>
/// <param name="Use">The claim <c>typ</c>; null when there is none.</param>
/// <param name="ClientId">The claim <c>client_id</c>; null when there is none.</param>
/// <param name="Claims">What the other claims say that decide; null when they are not of our making.</param>
/// <param name="Payload">The claims as the JSON bytes that were signed.</param>
internal sealed record JwsShape(string KeyId, string Type, string? Use, string? ClientId, TokenClaims? Claims, byte[] Payload)
{
    public const int MaxLength = 8 * 1024;

    private const int MaxKeyIdLength = 64;
    private static readonly SearchValues<char> Alphabet = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_");

    /// <summary>Reads the token; null when it is not one that this platform can have made.</summary>
    public static JwsShape? Read(string token)
    {
        if (token.Length > MaxLength)
        {
            return null;
        }

        Span<Range> segments = stackalloc Range[4];
        var span = token.AsSpan();
        if (span.Split(segments, '.') != 3
            || Decode(span[segments[0]]) is not { } header
            || Decode(span[segments[1]]) is not { } payload
            || Decode(span[segments[2]]) is null
            || ReadHeader(header) is not var (keyId, type))
        {
            return null;
        }

        using var claims = StrictJson.ParseObject(payload);
        return claims?.RootElement is { } root ? new JwsShape(keyId, type, ReadText(root, "typ"u8), ReadText(root, "client_id"u8), TokenClaims.Read(root), payload) : null;
    }

    private static string? ReadText(JsonElement claims, ReadOnlySpan<byte> name) =>
        claims.TryGetProperty(name, out var claim) && claim.ValueKind == JsonValueKind.String ? claim.GetString() : null;

    private static (string KeyId, string Type)? ReadHeader(byte[] utf8)
    {
        using var header = StrictJson.ParseObject(utf8);
        if (header is null)
        {
            return null;
        }

        string? algorithm = null, keyId = null, type = null;
        foreach (var member in header.RootElement.EnumerateObject())
        {
            if (member.Value.ValueKind != JsonValueKind.String)
            {
                return null;
            }

            switch (member.Name)
            {
                case "alg": algorithm = member.Value.GetString(); break;
                case "kid": keyId = member.Value.GetString(); break;
                case "typ": type = member.Value.GetString(); break;
                default: return null;
            }
        }

        return algorithm == "RS256" && keyId is { Length: > 0 and <= MaxKeyIdLength } && type is not null ? (keyId, type) : null;
    }

    /// <summary>Decodes base64url in its one canonical spelling: no padding, no white space, unused bits zero.</summary>
    private static byte[]? Decode(ReadOnlySpan<char> segment)
    {
        if (segment.IsEmpty || segment.ContainsAnyExcept(Alphabet) || segment.Length % 4 == 1)
        {
            return null;
        }

        var bytes = new byte[Base64Url.GetMaxDecodedLength(segment.Length)];
        return Base64Url.DecodeFromChars(segment, bytes, out _, out var written) == OperationStatus.Done && written == bytes.Length ? bytes : null;
    }
}
