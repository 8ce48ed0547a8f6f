using System.Buffers.Text;
using System.Globalization;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using AuthPlatform.Contracts.Signing;

namespace AuthPlatform.IntegrationTests.Infrastructure;

/// <summary>Signs requests as client applications do.</summary>
public static class SignedRequests
{
    public static HttpRequestMessage V2(TestApplication application, string path, string body, long? timestamp = null, string? nonce = null)
    {
        var bytes = Encoding.UTF8.GetBytes(body);
        var parts = new RequestSignatureV2.Parts("POST", path, string.Empty, (timestamp ?? Now()).ToString(CultureInfo.InvariantCulture), nonce ?? Nonce(), application.ClientId);
        var request = Post(path, bytes);
        request.Headers.Add(SigningHeaders.ClientId, application.ClientId);
        request.Headers.Add(SigningHeaders.Timestamp, parts.Timestamp);
        request.Headers.Add(SigningHeaders.Nonce, parts.Nonce);
        request.Headers.Add(SigningHeaders.Signature, RequestSignatureV2.Sign(application.Secret, parts, bytes));
        return request;
    }

    public static HttpRequestMessage V1(TestApplication application, string path, string body)
    {
        var bytes = Encoding.UTF8.GetBytes(body);
        var request = Post(path, bytes);
        request.Headers.Add(SigningHeaders.ClientId, application.ClientId);
        request.Headers.Add(SigningHeaders.Signature, RequestSignatureV1.Sign(application.Secret, bytes));
        return request;
    }

    public static string Nonce() => Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(24));

    public static long Now() => TimeProvider.System.GetUtcNow().ToUnixTimeSeconds();

    /// <summary>A user nobody else in the run has.</summary>
    public static string NewUser() => "user-" + Nonce();

    public static string TokenBody(string uniqueKey, string device = "", string ip = "") =>
        new JsonObject { ["unique_key"] = uniqueKey, ["device"] = device, ["ip"] = ip, ["timestamp"] = Now() }.ToJsonString();

    public static string VerifyBody(string token) => new JsonObject { ["token"] = token, ["timestamp"] = Now() }.ToJsonString();

    public static async Task<JsonElement> ReadJsonAsync(this HttpResponseMessage response, CancellationToken cancellationToken) =>
        JsonElement.Parse(await response.Content.ReadAsStringAsync(cancellationToken));

    private static HttpRequestMessage Post(string path, byte[] body) => new(HttpMethod.Post, path)
    {
        Content = new ByteArrayContent(body) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") } },
    };
}
