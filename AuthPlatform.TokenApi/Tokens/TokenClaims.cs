using System.Text.Json;

namespace AuthPlatform.TokenApi.Tokens;

/// <summary>
/// The claims that decide whom a token is about and how long it lives, taken only as we write them: whole seconds, canonical ids. Libraries also take strings,
/// fractions and numbers beyond any calendar, each its own way.
/// </summary>
/// <param name="Id">The <c>sid</c>; of an access token without a session, its <c>jti</c>.</param>
/// <param name="Generation">The generation within the session; 0 without one.</param>
/// <param name="HasSession">Whether it belongs to a user's session.</param>
/// <param name="ValidFrom">The later one of <c>iat</c> and <c>nbf</c>.</param>
/// <param name="ExpiresAt">Its <c>exp</c>.</param>
internal sealed record TokenClaims(Guid Id, int Generation, bool HasSession, DateTimeOffset ValidFrom, DateTimeOffset ExpiresAt)
{
    /// <summary>In the year 5138: beyond any token, and so far from the end of the calendar that margins can be added.</summary>
    private const long LatestTime = 99_999_999_999;

    /// <summary>Reads the claims; null when the platform cannot have written them.</summary>
    public static TokenClaims? Read(JsonElement claims)
    {
        if (ReadTime(claims, "iat"u8) is not { } issuedAt || ReadTime(claims, "nbf"u8) is not { } notBefore || ReadTime(claims, "exp"u8) is not { } expiresAt)
        {
            return null;
        }

        var validFrom = issuedAt > notBefore ? issuedAt : notBefore;
        return validFrom < expiresAt && ReadIdentity(claims) is var (id, generation, hasSession) ? new TokenClaims(id, generation, hasSession, validFrom, expiresAt) : null;
    }

    private static DateTimeOffset? ReadTime(JsonElement claims, ReadOnlySpan<byte> name) =>
        claims.TryGetProperty(name, out var claim) && claim.ValueKind == JsonValueKind.Number && claim.TryGetInt64(out var seconds) && seconds is >= 0 and <= LatestTime
            ? DateTimeOffset.FromUnixTimeSeconds(seconds)
            : null;

    private static (Guid Id, int Generation, bool HasSession)? ReadIdentity(JsonElement claims)
    {
        if (!claims.TryGetProperty("sid"u8, out var sid))
        {
            return claims.TryGetProperty("jti"u8, out var jti) && ReadId(jti) is { } tokenId ? (tokenId, 0, false) : null;
        }

        return ReadId(sid) is { } sessionId
            && claims.TryGetProperty("gen"u8, out var gen) && gen.ValueKind == JsonValueKind.Number && gen.TryGetInt32(out var generation) && generation >= 0
                ? (sessionId, generation, true)
                : null;
    }

    private static Guid? ReadId(JsonElement claim) =>
        claim.ValueKind == JsonValueKind.String && Guid.TryParseExact(claim.GetString(), "D", out var id) && claim.ValueEquals(id.ToString()) ? id : null;
}
