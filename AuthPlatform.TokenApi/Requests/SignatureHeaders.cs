using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using AuthPlatform.Contracts;
using AuthPlatform.Contracts.Signing;
using Microsoft.Extensions.Primitives;

namespace AuthPlatform.TokenApi.Requests;

/// <summary>The signing headers of a request, checked for shape only.</summary>
internal sealed record SignatureHeaders(string ClientId, int Version, string Timestamp, string Nonce, IReadOnlyList<byte[]> Signatures)
{
    /// <summary>A client with two live secrets may send a signature by each.</summary>
    private const int MaxSignatures = 2;

    private const int Base64Length = 44;

    /// <summary>Reads the headers, or says why they can't be used. One that is sent twice is one with both values (RFC 9110 §5.3), as proxies join them.</summary>
    /// <remarks>A signature that is no canonical base64 of 32 bytes is left out: it then matches nothing, at the same cost as a wrong one.</remarks>
    public static (SignatureHeaders? Headers, Problem? Problem) Read(IHeaderDictionary headers)
    {
        var clientId = headers[SigningHeaders.ClientId];
        var signature = headers[SigningHeaders.Signature];
        var timestamp = headers[SigningHeaders.Timestamp];
        var nonce = headers[SigningHeaders.Nonce];
        if (StringValues.IsNullOrEmpty(clientId) || StringValues.IsNullOrEmpty(signature))
        {
            return (null, RequestProblems.MissingHeaders);
        }

        var text = signature.ToString();
        if (!text.StartsWith(RequestSignatureV2.Prefix, StringComparison.Ordinal))
        {
            return (new SignatureHeaders(clientId.ToString(), 1, string.Empty, string.Empty, Decode(text) is { } v1 ? [v1] : []), null);
        }

        if (StringValues.IsNullOrEmpty(timestamp) || StringValues.IsNullOrEmpty(nonce))
        {
            return (null, RequestProblems.MissingHeaders);
        }

        return IsNonce(nonce.ToString())
            ? (new SignatureHeaders(clientId.ToString(), 2, timestamp.ToString(), nonce.ToString(), ReadList(text)), null)
            : (null, RequestProblems.MalformedNonce);
    }

    private static bool IsNonce(string nonce)
    {
        if (nonce.Length is < 16 or > 64)
        {
            return false;
        }

        foreach (var character in nonce)
        {
            if (!char.IsAsciiLetterOrDigit(character) && character is not ('_' or '-'))
            {
                return false;
            }
        }

        return true;
    }

    private static List<byte[]> ReadList(string text)
    {
        var signatures = new List<byte[]>(MaxSignatures);
        var parts = 0;
        foreach (var range in text.AsSpan().Split(','))
        {
            var part = text.AsSpan(range).Trim(' ');
            if (++parts > MaxSignatures || !part.StartsWith(RequestSignatureV2.Prefix, StringComparison.Ordinal))
            {
                return [];
            }

            if (Decode(part[RequestSignatureV2.Prefix.Length..]) is { } signature)
            {
                signatures.Add(signature);
            }
        }

        return signatures;
    }

    /// <summary>Standard padded base64 of exactly 32 bytes in its one canonical spelling; null for anything else.</summary>
    private static byte[]? Decode(ReadOnlySpan<char> base64)
    {
        Span<byte> ascii = stackalloc byte[Base64Length];
        var signature = new byte[HMACSHA256.HashSizeInBytes];
        return base64.Length == Base64Length
            && Encoding.ASCII.TryGetBytes(base64, ascii, out _)
            && Base64.DecodeFromUtf8(ascii, signature, out var consumed, out var written) == System.Buffers.OperationStatus.Done
            && consumed == Base64Length
            && written == signature.Length
            && Convert.ToBase64String(signature).AsSpan().SequenceEqual(base64)
            ? signature
            : null;
    }
}
