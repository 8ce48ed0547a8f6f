using System.Text.Json;
using AuthPlatform.Contracts;

namespace AuthPlatform.TokenApi.Tokens;

/// <summary>What a token says of itself before any key is looked up, if it has the form of one (<see cref="CompactJws"/>).</summary>
/// <param name="KeyId">The header's <c>kid</c>.</param>
/// <param name="Type">The header's <c>typ</c>.</param>
/// <param name="Use">The claim <c>typ</c>; null when there is none.</param>
/// <param name="ClientId">The claim <c>client_id</c>; null when there is none.</param>
/// <param name="Issuer">The claim <c>iss</c>; null when there is none.</param>
/// <param name="TokenId">The claim <c>jti</c> of a refresh token, the only kind of which it is asked; null when there is none.</param>
/// <param name="Claims">What the other claims say that decide; null when they are not of our making.</param>
/// <param name="Payload">The claims as the JSON bytes that were signed.</param>
internal sealed record JwsShape(string KeyId, string Type, string? Use, string? ClientId, string? Issuer, string? TokenId, TokenClaims? Claims, byte[] Payload)
{
    public const int MaxLength = CompactJws.MaxLength;

    /// <summary>Reads the token; null when it is not one that this platform can have made.</summary>
    public static JwsShape? Read(string token)
    {
        using var jws = CompactJws.Read(token);
        if (jws is null)
        {
            return null;
        }

        var (claims, use) = (jws.Claims, ReadText(jws.Claims, "typ"u8));
        var tokenId = use == TokenNames.Refresh ? ReadText(claims, "jti"u8) : null;
        return new JwsShape(jws.KeyId, jws.Type, use, ReadText(claims, "client_id"u8), ReadText(claims, "iss"u8), tokenId, TokenClaims.Read(claims), jws.Payload);
    }

    private static string? ReadText(JsonElement claims, ReadOnlySpan<byte> name) =>
        claims.TryGetProperty(name, out var claim) && claim.ValueKind == JsonValueKind.String ? claim.GetString() : null;
}
