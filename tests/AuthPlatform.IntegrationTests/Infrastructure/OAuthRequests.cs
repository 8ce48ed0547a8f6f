using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using AuthPlatform.Contracts.Signing;

namespace AuthPlatform.IntegrationTests.Infrastructure;

/// <summary>Calls as OAuth 2.0 clients do: forms, with a client's id and secret or signed.</summary>
public static class OAuthRequests
{
    public static HttpRequestMessage Form(string path, params (string Name, string Value)[] parameters) =>
        RawForm(path, string.Join('&', parameters.Select(p => $"{Uri.EscapeDataString(p.Name)}={Uri.EscapeDataString(p.Value)}")));

    public static HttpRequestMessage RawForm(string path, string body) => new(HttpMethod.Post, path)
    {
        Content = new ByteArrayContent(Encoding.UTF8.GetBytes(body)) { Headers = { ContentType = new MediaTypeHeaderValue("application/x-www-form-urlencoded") } },
    };

    public static HttpRequestMessage WithBasic(this HttpRequestMessage request, TestApplication client)
    {
        var pair = $"{Uri.EscapeDataString(client.ClientId)}:{Uri.EscapeDataString(client.Secret)}";
        request.Headers.Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes(pair)));
        return request;
    }

    public static async Task<HttpRequestMessage> SignedByAsync(this HttpRequestMessage request, TestApplication client)
    {
        var body = request.Content is null ? [] : await request.Content.ReadAsByteArrayAsync();
        var target = request.RequestUri!.OriginalString.Split('?', 2);
        var parts = new RequestSignatureV2.Parts(
            request.Method.Method, target[0], target.ElementAtOrDefault(1) ?? string.Empty, SignedRequests.Now().ToString(CultureInfo.InvariantCulture), SignedRequests.Nonce(), client.ClientId);
        request.Headers.Add(SigningHeaders.ClientId, client.ClientId);
        request.Headers.Add(SigningHeaders.Timestamp, parts.Timestamp);
        request.Headers.Add(SigningHeaders.Nonce, parts.Nonce);
        request.Headers.Add(SigningHeaders.Signature, RequestSignatureV2.Sign(client.Secret, parts, body));
        return request;
    }

    /// <summary>Calls an OAuth endpoint of an issuer with a client's id and secret; like any client, tries again after a 503.</summary>
    public static async Task<(HttpStatusCode Status, JsonElement Body)> CallAsync(
        this AuthPlatformFixture platform, TestApplication caller, TestApplication issuer, string endpoint, CancellationToken cancellationToken, params (string Name, string Value)[] parameters)
    {
        using var response = await platform.Gateway.SendFreshAsync(() => Form($"/auth/{issuer.ClientId}/oauth2/{endpoint}", parameters).WithBasic(caller), cancellationToken);
        var text = await response.Content.ReadAsStringAsync(cancellationToken);
        return (response.StatusCode, text.Length == 0 ? default : JsonElement.Parse(text));
    }
}
