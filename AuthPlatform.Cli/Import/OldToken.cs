using System.Text.Json;
using AuthPlatform.Contracts;

namespace AuthPlatform.Cli.Import;

/// <summary>What a token of the older service says of itself. Its signature is judged each time that it is used.</summary>
/// <param name="KeyId">The key that has signed it.</param>
/// <param name="IssuedAt">When it was made, or else when it ends.</param>
/// <param name="ExpiresAt">When it ends.</param>
/// <param name="UniqueKey">Whose it is; null when it does not say that.</param>
internal sealed record OldToken(string KeyId, DateTimeOffset IssuedAt, DateTimeOffset ExpiresAt, string? UniqueKey)
{
    /// <summary>Reads a token; null when the Token API would refuse it whatever its signature, or when it has no <c>exp</c>.</summary>
    public static OldToken? Read(string token)
    {
        using var jws = CompactJws.Read(token);
        return jws is not null && Time(jws.Claims, "exp") is { } end ? new OldToken(jws.KeyId, Time(jws.Claims, "iat") ?? end, end, Text(jws.Claims, "unique_key")) : null;
    }

    private static string? Text(JsonElement payload, string claim) =>
        payload.TryGetProperty(claim, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private static DateTimeOffset? Time(JsonElement payload, string claim) =>
        payload.TryGetProperty(claim, out var value) && value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out var seconds) && seconds is > 0 and < 99_999_999_999
            ? DateTimeOffset.FromUnixTimeSeconds((long)seconds)
            : null;
}
