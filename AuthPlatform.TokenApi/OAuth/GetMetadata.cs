using System.Buffers;
using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text.Json;
using AuthPlatform.ServiceDefaults.Problems;
using AuthPlatform.TokenApi.Requests;
using AuthPlatform.TokenApi.Tokens;
using Microsoft.Extensions.Options;
using Microsoft.Net.Http.Headers;

namespace AuthPlatform.TokenApi.OAuth;

/// <summary>
/// The metadata of an application as an issuer, at <c>/auth/{client_id}/.well-known/openid-configuration</c> (OpenID Connect Discovery) and at the place of
/// RFC 8414 §3.1: all that a JWT library needs beside the issuer's URL. It says what is there and nothing else: no user is authenticated here, so there is no
/// authorization endpoint, and no response type.
/// </summary>
internal sealed class GetMetadata(ApplicationSnapshots applications, IOptions<TokenOptions> options)
{
    private const int MaxAgeSeconds = 300;

    /// <summary>The OpenID Connect form, under the issuer.</summary>
    public Task OpenIdAsync(HttpContext context, string clientId) => AnswerAsync(context, clientId, forOpenId: true);

    /// <summary>The form of RFC 8414, where the path of the issuer, prefix and all, follows the well-known name.</summary>
    public Task OAuthAsync(HttpContext context, string issuerPath) =>
        AnswerAsync(context, IssuerPath.ClientId(options.Value, issuerPath), forOpenId: false);

    private async Task AnswerAsync(HttpContext context, string? clientId, bool forOpenId)
    {
        // Libraries in browsers read it too; there is nothing in it that is not for everybody.
        context.Response.Headers.AccessControlAllowOrigin = "*";
        if (clientId is null || await applications.FindAsync(clientId, context.RequestAborted) is not { Enabled: true } application)
        {
            await ProblemResponse.WriteAsync(context, CommonProblems.NotFound);
            return;
        }

        var json = Write(application, forOpenId);
        var tag = new EntityTagHeaderValue($"\"{Base64Url.EncodeToString(SHA256.HashData(json))}\"");
        context.Response.Headers.CacheControl = FormattableString.Invariant($"public, max-age={MaxAgeSeconds}");
        await TypedResults.Bytes(json, "application/json", entityTag: tag).ExecuteAsync(context);
    }

    private static byte[] Write(Application application, bool forOpenId)
    {
        var issuer = application.Issuer;
        var buffer = new ArrayBufferWriter<byte>(1024);
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteString("issuer"u8, issuer);
            json.WriteString("jwks_uri"u8, $"{issuer}/jwks");
            WriteEndpoint(json, "token_endpoint", $"{issuer}/oauth2/token");
            WriteEndpoint(json, "introspection_endpoint", $"{issuer}/oauth2/introspect");
            WriteEndpoint(json, "revocation_endpoint", $"{issuer}/oauth2/revoke");
            WriteList(json, "grant_types_supported", GrantToken.ClientCredentials, GrantToken.RefreshTokenGrant);
            WriteList(json, "response_types_supported");
            if (forOpenId)
            {
                // Required there; we sign no ID tokens, but verifiers read from it how tokens of this issuer are signed.
                WriteList(json, "subject_types_supported", "public");
                WriteList(json, "id_token_signing_alg_values_supported", "RS256");
            }

            json.WriteEndObject();
        }

        return buffer.WrittenSpan.ToArray();
    }

    /// <summary>Signed requests work there too, but have no registered name that a library would know.</summary>
    private static void WriteEndpoint(Utf8JsonWriter json, string name, string address)
    {
        json.WriteString(name, address);
        WriteList(json, $"{name}_auth_methods_supported", "client_secret_basic");
    }

    private static void WriteList(Utf8JsonWriter json, string name, params ReadOnlySpan<string> values)
    {
        json.WriteStartArray(name);
        foreach (var value in values)
        {
            json.WriteStringValue(value);
        }

        json.WriteEndArray();
    }
}
