using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using AuthPlatform.Contracts;
using AuthPlatform.Contracts.Signing;
using AuthPlatform.TokenApi.Audit;
using AuthPlatform.TokenApi.Requests;
using AuthPlatform.TokenApi.Tokens;

namespace AuthPlatform.TokenApi.Keys;

/// <summary>
/// <c>POST /auth/rotate-key</c>: the application's next key takes over. Carried out once per signature: the same signed request, repeated because its answer was lost, gets
/// that answer as long as it was the application's latest rotation, and is refused as a replay otherwise.
/// </summary>
internal sealed class RotateKey(SignedEndpointRunner runner, KeyManagerClient keyManager, AuditLog audit, TimeProvider clock)
{
    /// <summary>[compat]</summary>
    private static readonly Problem InvalidRotateAfter = RequestProblems.Invalid("rotate_after must be a non-negative integer (minutes)");

    private static readonly Problem TooLong = RequestProblems.Invalid($"rotate_after must be at most {KeyManagerContract.LongestRotateAfterMinutes} minutes");

    public Task HandleAsync(HttpContext context) => runner.RunAsync(context, SignedEndpoint.RotateKey, request => RotateAsync(context, request));

    /// <summary>The minutes, null for none given; false when it is something else.</summary>
    internal static bool TryReadMinutes(JsonElement body, out long? minutes)
    {
        minutes = null;
        if (!body.TryGetProperty("rotate_after"u8, out var value) || value.ValueKind == JsonValueKind.Null)
        {
            return true;
        }

        long number;
        var isNumber = value.ValueKind switch
        {
            JsonValueKind.Number => value.TryGetInt64(out number) && number >= 0,
            JsonValueKind.String => long.TryParse(value.GetString(), NumberStyles.None, CultureInfo.InvariantCulture, out number),
            _ => (number = 0) < 0,
        };
        minutes = number;
        return isNumber;
    }

    private async Task<Problem?> RotateAsync(HttpContext context, SignedRequest request)
    {
        if (!TryReadMinutes(request.Body, out var minutes))
        {
            return InvalidRotateAfter;
        }

        if (minutes > KeyManagerContract.LongestRotateAfterMinutes)
        {
            return TooLong;
        }

        // The signature covers the whole request, its time and nonce included. Only its hash goes further.
        var requestId = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(context.Request.Headers[SigningHeaders.Signature].ToString())));
        // Whoever hangs up from here on must not keep what happened out of the audit.
        var (rotation, problem) = await keyManager.RotateAsync(request.Application.ClientId, new KeyRotationRequest((int?)minutes, requestId, request.IsRepeated), CancellationToken.None);
        if (rotation is null)
        {
            return problem is { Code: ErrorCodes.RequestReplayed } ? RequestProblems.Replayed : problem;
        }

        var events = new SessionAudit(request.Application, context.Connection.RemoteIpAddress, clock.GetUtcNow());
        await audit.WriteAsync(events.KeyRotated(rotation.OldKid, rotation.NewKid, request.IsRepeated));
        await TokenResponse.WriteAsync(context, (rotation, request.Application), static (json, answer) => Write(json, answer.rotation, answer.Application));
        return null;
    }

    private static void Write(Utf8JsonWriter json, KeyRotation rotation, Application application)
    {
        json.WriteString("message"u8, rotation.Message);
        json.WriteNumber("rotate_after_minutes"u8, rotation.RotateAfterMinutes);
        json.WriteString("old_kid"u8, rotation.OldKid);
        json.WriteString("new_kid"u8, rotation.NewKid);
        json.WriteString("effective_at"u8, UtcText.Seconds(rotation.EffectiveAt));
        json.WriteString("next_kid"u8, rotation.NextKid);
        json.WriteString("old_key_expires_at"u8, UtcText.Seconds(rotation.OldKeyExpiresAt));
        json.WriteStartArray("warnings"u8);
        foreach (var warning in rotation.Warnings)
        {
            json.WriteStringValue(warning);
        }

        if (application.RefreshTokensAreJwt && rotation.OldKeyExpiresAt - rotation.EffectiveAt < application.RefreshIdleLifetime)
        {
            json.WriteStringValue($"The refresh tokens of this application are JWTs: those that {rotation.OldKid} signed are refused from {UtcText.Seconds(rotation.OldKeyExpiresAt)} on, although they say that they live longer");
        }

        json.WriteEndArray();
    }
}
