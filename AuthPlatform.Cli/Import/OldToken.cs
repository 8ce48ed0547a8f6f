using System.Buffers.Text;
using System.Text.Json;

namespace AuthPlatform.Cli.Import;

/// <summary>What a token of the older service says of itself. Its signature is judged each time that it is used.</summary>
internal sealed record OldToken(string KeyId, DateTimeOffset IssuedAt, DateTimeOffset ExpiresAt)
{
    /// <summary>Reads a JWT; null when it is none with <c>alg: RS256</c>, a <c>kid</c> and an <c>exp</c>.</summary>
    public static OldToken? Read(string token)
    {
        try
        {
            var segments = token.Split('.');
            if (segments.Length != 3 || token.Length > 8192)
            {
                return null;
            }

            using var header = JsonDocument.Parse(Base64Url.DecodeFromChars(segments[0]));
            using var payload = JsonDocument.Parse(Base64Url.DecodeFromChars(segments[1]));
            return header.RootElement.GetProperty("alg").GetString() == "RS256"
                && header.RootElement.GetProperty("kid").GetString() is { Length: > 0 } keyId
                && Time(payload.RootElement, "exp") is { } end
                    ? new OldToken(keyId, Time(payload.RootElement, "iat") ?? end, end)
                    : null;
        }
        catch (Exception exception) when (exception is FormatException or JsonException or InvalidOperationException or KeyNotFoundException)
        {
            return null;
        }
    }

    private static DateTimeOffset? Time(JsonElement payload, string claim) =>
        payload.TryGetProperty(claim, out var value) && value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out var seconds) && seconds is > 0 and < 99_999_999_999
            ? DateTimeOffset.FromUnixTimeSeconds((long)seconds)
            : null;
}
