using System.Text.Json;
using AuthPlatform.Contracts;

namespace AuthPlatform.Cli.Import;

/// <summary>What a token of the older service says of itself. Its signature is judged each time that it is used.</summary>
internal sealed record OldToken(string KeyId, DateTimeOffset IssuedAt, DateTimeOffset ExpiresAt)
{
    /// <summary>Reads a token; null when the Token API would refuse it whatever its signature, or when it has no <c>exp</c>.</summary>
    public static OldToken? Read(string token)
    {
        using var jws = CompactJws.Read(token);
        return jws is not null && Time(jws.Claims, "exp") is { } end ? new OldToken(jws.KeyId, Time(jws.Claims, "iat") ?? end, end) : null;
    }

    private static DateTimeOffset? Time(JsonElement payload, string claim) =>
        payload.TryGetProperty(claim, out var value) && value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out var seconds) && seconds is > 0 and < 99_999_999_999
            ? DateTimeOffset.FromUnixTimeSeconds((long)seconds)
            : null;
}
