using System.Buffers;
using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text.Encodings.Web;
using System.Text.Json;
using AuthPlatform.TokenApi.Requests;

namespace AuthPlatform.TokenApi.Tokens;

/// <summary>The claims of tokens as JSON bytes, ready to be signed.</summary>
internal static class TokenPayload
{
    /// <summary>A token is no HTML: characters beyond ASCII stay as they are, which keeps tokens short.</summary>
    private static readonly JsonWriterOptions WriterOptions = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The claims of RFC 9068 §2.2 and ours.</summary>
    public static ReadOnlyMemory<byte> Access(Application application, string issuer, IssueRequest request, Guid sessionId, int generation, DateTimeOffset now, DateTimeOffset expiresAt)
    {
        var buffer = new ArrayBufferWriter<byte>(768);
        using var json = new Utf8JsonWriter(buffer, WriterOptions);
        json.WriteStartObject();
        WriteIdentity(json, application, issuer, application.Audience, request.UniqueKey, now, expiresAt);
        json.WriteString("unique_key"u8, request.UniqueKey);
        json.WriteString("typ"u8, TokenNames.Access);
        json.WriteString("sid"u8, sessionId);
        json.WriteNumber("gen"u8, generation);
        if (request.Scope is not null)
        {
            json.WriteString("scope"u8, request.Scope);
        }

        foreach (var claim in request.Claims?.EnumerateObject() ?? default)
        {
            claim.WriteTo(json);
        }

        json.WriteEndObject();
        json.Flush();
        return buffer.WrittenMemory;
    }

    /// <summary>The claims of a refresh token in JWT form: meant for the issuer alone.</summary>
    public static ReadOnlyMemory<byte> Refresh(Application application, string issuer, string uniqueKey, Guid sessionId, int generation, DateTimeOffset now, DateTimeOffset expiresAt)
    {
        var buffer = new ArrayBufferWriter<byte>(512);
        using var json = new Utf8JsonWriter(buffer, WriterOptions);
        json.WriteStartObject();
        WriteIdentity(json, application, issuer, issuer, uniqueKey, now, expiresAt);
        json.WriteString("typ"u8, TokenNames.Refresh);
        json.WriteString("sid"u8, sessionId);
        json.WriteNumber("gen"u8, generation);
        json.WriteEndObject();
        json.Flush();
        return buffer.WrittenMemory;
    }

    private static void WriteIdentity(Utf8JsonWriter json, Application application, string issuer, string audience, string uniqueKey, DateTimeOffset now, DateTimeOffset expiresAt)
    {
        json.WriteString("iss"u8, issuer);
        json.WriteString("aud"u8, audience);
        json.WriteString("sub"u8, application.UsesSeedProfile ? application.ClientId : uniqueKey);
        json.WriteString("client_id"u8, application.ClientId);
        json.WriteNumber("iat"u8, now.ToUnixTimeSeconds());
        json.WriteNumber("nbf"u8, now.ToUnixTimeSeconds());
        json.WriteNumber("exp"u8, expiresAt.ToUnixTimeSeconds());
        json.WriteString("jti"u8, Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(16)));
    }
}
