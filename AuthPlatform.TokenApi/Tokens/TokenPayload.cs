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
    public static ReadOnlyMemory<byte> Access(TokenGrant grant, string issuer)
    {
        var buffer = new ArrayBufferWriter<byte>(768);
        using var json = new Utf8JsonWriter(buffer, WriterOptions);
        json.WriteStartObject();
        WriteIdentity(json, grant.Application, Subject(grant), issuer, grant.AccessIssuedAt, grant.AccessExpiresAt);
        WriteAudience(json, grant.Application);
        json.WriteString("jti"u8, Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(16)));
        json.WriteString("unique_key"u8, grant.UniqueKey);
        WriteSession(json, grant, TokenNames.Access);
        if (grant.Scope is not null)
        {
            json.WriteString("scope"u8, grant.Scope);
        }

        foreach (var claim in grant.Claims?.EnumerateObject() ?? default)
        {
            claim.WriteTo(json);
        }

        json.WriteEndObject();
        json.Flush();
        return buffer.WrittenMemory;
    }

    /// <summary>The claims of an access token that a client gets for itself (RFC 6749 §4.4): no user, no session, and an id by which it can be revoked.</summary>
    public static ReadOnlyMemory<byte> Client(ClientGrant grant, string issuer)
    {
        var buffer = new ArrayBufferWriter<byte>(512);
        using var json = new Utf8JsonWriter(buffer, WriterOptions);
        json.WriteStartObject();
        WriteIdentity(json, grant.Application, grant.Application.ClientId, issuer, grant.IssuedAt, grant.ExpiresAt);
        WriteAudience(json, grant.Application);
        json.WriteString("jti"u8, grant.TokenId);
        json.WriteString("typ"u8, TokenNames.Access);
        if (grant.Scope is not null)
        {
            json.WriteString("scope"u8, grant.Scope);
        }

        json.WriteEndObject();
        json.Flush();
        return buffer.WrittenMemory;
    }

    /// <summary>The claims of a refresh token in JWT form: meant for the issuer alone, and the same bytes for the same session and generation.</summary>
    public static ReadOnlyMemory<byte> Refresh(TokenGrant grant, string issuer)
    {
        var buffer = new ArrayBufferWriter<byte>(512);
        using var json = new Utf8JsonWriter(buffer, WriterOptions);
        json.WriteStartObject();
        WriteIdentity(json, grant.Application, Subject(grant), issuer, grant.RefreshedAt, grant.RefreshExpiresAt);
        json.WriteString("aud"u8, issuer);
        json.WriteString("jti"u8, RefreshToken.TokenId(grant.Application.RefreshKey, grant.SessionId, grant.Generation));
        WriteSession(json, grant, TokenNames.Refresh);
        json.WriteEndObject();
        json.Flush();
        return buffer.WrittenMemory;
    }

    private static string Subject(TokenGrant grant) => grant.Application.UsesSeedProfile ? grant.Application.ClientId : grant.UniqueKey;

    private static void WriteIdentity(Utf8JsonWriter json, Application application, string subject, string issuer, DateTimeOffset issuedAt, DateTimeOffset expiresAt)
    {
        json.WriteString("iss"u8, issuer);
        json.WriteString("sub"u8, subject);
        json.WriteString("client_id"u8, application.ClientId);
        json.WriteNumber("iat"u8, issuedAt.ToUnixTimeSeconds());
        json.WriteNumber("nbf"u8, issuedAt.ToUnixTimeSeconds());
        json.WriteNumber("exp"u8, expiresAt.ToUnixTimeSeconds());
    }

    /// <summary>One audience is a string, as the older service wrote it; with resource servers it is an array of all (RFC 7519 §4.1.3).</summary>
    private static void WriteAudience(Utf8JsonWriter json, Application application)
    {
        if (application.ResourceServers.Count == 0)
        {
            json.WriteString("aud"u8, application.Audience);
            return;
        }

        json.WriteStartArray("aud"u8);
        json.WriteStringValue(application.Audience);
        foreach (var server in application.ResourceServers)
        {
            if (server != application.Audience)
            {
                json.WriteStringValue(server);
            }
        }

        json.WriteEndArray();
    }

    private static void WriteSession(Utf8JsonWriter json, TokenGrant grant, string use)
    {
        json.WriteString("typ"u8, use);
        json.WriteString("sid"u8, grant.SessionId);
        json.WriteNumber("gen"u8, grant.Generation);
    }
}
