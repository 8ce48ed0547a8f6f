using System.Globalization;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using AuthPlatform.Contracts.Signing;

namespace AuthPlatform.LoadGenerator;

/// <summary>One client application: signs as it must, and keeps its connections.</summary>
internal sealed class SigningClient(Uri address, string clientId, string secret, int version) : IDisposable
{
    private static readonly MediaTypeHeaderValue Json = new("application/json");

    private readonly HttpMessageInvoker _http = new(new SocketsHttpHandler
    {
        UseProxy = false,
        UseCookies = false,
        AllowAutoRedirect = false,
        ActivityHeadersPropagator = null,
        PooledConnectionLifetime = Timeout.InfiniteTimeSpan,
    });

    /// <summary>The path of a public address that has one stays in front of what is asked for.</summary>
    private readonly Uri _root = new($"{address.AbsoluteUri.TrimEnd('/')}/");

    public string ClientId => clientId;

    /// <summary>Sends a signed request; version 1 carries the time in its body, version 2 in a header.</summary>
    /// <param name="path">The path below the address.</param>
    /// <param name="members">What is in the JSON object, without its braces.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    public Task<Answer> PostAsync(string path, string members, CancellationToken cancellationToken)
    {
        var now = TimeProvider.System.GetUtcNow().ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
        var body = Encoding.UTF8.GetBytes(version == 1 ? $"{{\"timestamp\":{now},{members}}}" : $"{{{members}}}");
        var target = Below(path);
        var request = new HttpRequestMessage(HttpMethod.Post, target) { Content = new ByteArrayContent(body) { Headers = { ContentType = Json } } };
        request.Headers.Add(SigningHeaders.ClientId, clientId);
        if (version == 1)
        {
            request.Headers.Add(SigningHeaders.Signature, RequestSignatureV1.Sign(secret, body));
        }
        else
        {
            var parts = new RequestSignatureV2.Parts("POST", target.AbsolutePath, string.Empty, now, Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16)), clientId);
            request.Headers.Add(SigningHeaders.Timestamp, now);
            request.Headers.Add(SigningHeaders.Nonce, parts.Nonce);
            request.Headers.Add(SigningHeaders.Signature, RequestSignatureV2.Sign(secret, parts, body));
        }

        return SendAsync(request, cancellationToken);
    }

    /// <summary>Asks for something public.</summary>
    /// <param name="path">The path below the address.</param>
    /// <param name="etag">What the asker has already, or null.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    public Task<Answer> GetAsync(string path, string? etag, CancellationToken cancellationToken)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, Below(path));
        if (etag is not null)
        {
            request.Headers.Add("If-None-Match", etag);
        }

        return SendAsync(request, cancellationToken);
    }

    public void Dispose() => _http.Dispose();

    private Uri Below(string path) => new(_root, path[1..]);

    private async Task<Answer> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        using (request)
        {
            using var response = await _http.SendAsync(request, cancellationToken);
            return new Answer((int)response.StatusCode, await response.Content.ReadAsByteArrayAsync(cancellationToken), response.Headers.ETag?.ToString());
        }
    }
}
