using System.Buffers.Text;
using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Text;

namespace SigningClient;

/// <summary>
/// Signs each request with version 2 (docs/protocol.md), and signs it afresh when the platform asks to try again: an attempt needs a time and a nonce of its own. A handler that sends requests
/// again by itself must be outside of this one.
/// </summary>
internal sealed class SigningHandler(string clientId, string secret, TimeProvider clock) : DelegatingHandler
{
    private const int Attempts = 3;

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        // Once: from then on the content is these bytes, whatever it was made from, and each attempt sends them.
        var body = request.Content is null ? [] : await request.Content.ReadAsByteArrayAsync(cancellationToken);
        for (var attempt = 1; ; attempt++)
        {
            Sign(request, body, clock.GetUtcNow().ToUnixTimeSeconds(), Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(16)));
            var response = await base.SendAsync(request, cancellationToken);
            if (response.StatusCode != HttpStatusCode.ServiceUnavailable || attempt == Attempts)
            {
                return response;
            }

            var pause = response.Headers.RetryAfter?.Delta ?? TimeSpan.FromSeconds(1);
            response.Dispose();
            await Task.Delay(pause, clock, cancellationToken);
        }
    }

    /// <summary>Sets the signing headers, in place of those of an attempt before.</summary>
    internal void Sign(HttpRequestMessage request, ReadOnlySpan<byte> body, long timestamp, string nonce)
    {
        var seconds = timestamp.ToString(CultureInfo.InvariantCulture);
        var address = request.RequestUri!;
        var query = address.Query.Length > 0 ? address.Query[1..] : "";
        var text = string.Join(
            '\n', "AUTH-HMAC-SHA256-V2", request.Method.Method, address.AbsolutePath, query, seconds, nonce, clientId, Convert.ToHexStringLower(SHA256.HashData(body)));
        // The key is the text of the secret, whatever it looks like.
        var signature = HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), Encoding.UTF8.GetBytes(text));

        Set("X-Client-Id", clientId);
        Set("X-Timestamp", seconds);
        Set("X-Nonce", nonce);
        Set("X-Signature", $"v2={Convert.ToBase64String(signature)}");

        void Set(string name, string value)
        {
            request.Headers.Remove(name);
            request.Headers.Add(name, value);
        }
    }
}
