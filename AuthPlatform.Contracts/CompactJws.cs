using System.Buffers;
using System.Buffers.Text;
using System.Text.Json;

namespace AuthPlatform.Contracts;

/// <summary>
/// A token in the one form in which any is taken, before a key is looked up: three canonical base64url segments, strict JSON in header and payload, and a header of exactly
/// <c>alg</c>, <c>kid</c> and <c>typ</c>. JWT libraries are lenient about all of these, and each leniency has been an attack (RFC 8725 §2). Its claims last until it is disposed of.
/// </summary>
public sealed class CompactJws : IDisposable
{
    /// <summary>Most characters of one.</summary>
    public const int MaxLength = 8 * 1024;

    private const int MaxKeyIdLength = 64;

    /// <summary>The alphabet of base64url.</summary>
    internal static readonly SearchValues<char> Alphabet = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_");

    private readonly JsonDocument _claims;

    private CompactJws(string keyId, string type, byte[] payload, JsonDocument claims) => (KeyId, Type, Payload, _claims) = (keyId, type, payload, claims);

    /// <summary>The header's <c>kid</c>.</summary>
    public string KeyId { get; }

    /// <summary>The header's <c>typ</c>.</summary>
    public string Type { get; }

    /// <summary>The claims as the JSON bytes that were signed.</summary>
    public byte[] Payload { get; }

    /// <summary>The claims, an object.</summary>
    public JsonElement Claims => _claims.RootElement;

    /// <summary>Reads the token; null when it has another form.</summary>
    public static CompactJws? Read(string token)
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

        return StrictJson.ParseObject(payload) is { } claims ? new CompactJws(keyId, type, payload, claims) : null;
    }

    /// <summary>Gives back the memory of the claims.</summary>
    public void Dispose() => _claims.Dispose();

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
