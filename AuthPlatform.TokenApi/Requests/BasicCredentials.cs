using System.Buffers;
using System.Buffers.Text;
using System.Text;
using AuthPlatform.Contracts;
using Microsoft.Extensions.Primitives;

namespace AuthPlatform.TokenApi.Requests;

/// <summary>
/// The client id and secret of <c>client_secret_basic</c>: each form-encoded, joined with a colon, in base64 (RFC 6749 §2.3.1). The encoding matters for
/// secrets with <c>%</c> or <c>+</c>.
/// </summary>
internal sealed record BasicCredentials(string ClientId, byte[] Secret)
{
    private const string Scheme = "Basic ";

    /// <summary>Room for the longest client id and secret with every character escaped, and no more.</summary>
    private const int MaxLength = 1024;

    /// <summary>Reads the <c>Authorization</c> header; null when it is not of this form.</summary>
    public static BasicCredentials? Read(StringValues authorization)
    {
        if (authorization is not [{ Length: <= MaxLength } header] || !header.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase))
        {
            return null;
        }

        var base64 = Encoding.UTF8.GetBytes(header[Scheme.Length..].Trim(' '));
        var pair = new byte[Base64.GetMaxDecodedFromUtf8Length(base64.Length)];
        if (Base64.DecodeFromUtf8(base64, pair, out _, out var length) != OperationStatus.Done
            || pair.AsSpan(0, length).IndexOf((byte)':') is not (>= 0 and var colon)
            || FormText.Decode(pair.AsSpan(0, colon)) is not { } clientId
            || FormText.Decode(pair.AsSpan((colon + 1)..length)) is not { } secret)
        {
            return null;
        }

        return new BasicCredentials(clientId, Encoding.UTF8.GetBytes(secret));
    }

    /// <summary>Without the secret: whoever writes this object to a log must not write that.</summary>
    public override string ToString() => $"{nameof(BasicCredentials)} {{ {nameof(ClientId)} = {ClientId} }}";
}
