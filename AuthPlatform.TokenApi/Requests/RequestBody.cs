using AuthPlatform.Contracts;
using AuthPlatform.ServiceDefaults.Problems;
using Microsoft.Net.Http.Headers;

namespace AuthPlatform.TokenApi.Requests;

/// <summary>The bytes of a request's body in a pooled buffer, read once; everything works on these bytes.</summary>
internal sealed class RequestBody : IDisposable
{
    private readonly PooledBuffer _bytes;

    private RequestBody(int capacity) => _bytes = new PooledBuffer(capacity);

    public int Length => _bytes.Length;

    public ReadOnlyMemory<byte> Memory => _bytes.Memory;

    public ReadOnlySpan<byte> Span => _bytes.Span;

    /// <summary>Reads the whole body, or says why it is not taken.</summary>
    public static async ValueTask<(RequestBody? Body, Problem? Problem)> ReadAsync(HttpRequest request, SignedEndpoint endpoint, CancellationToken cancellationToken)
    {
        var maxBytes = endpoint.MaxBodyBytes;
        if (request.ContentLength > maxBytes)
        {
            return (null, CommonProblems.BodyTooLarge);
        }

        // Where no body is taken, its type does not matter: the first byte of one is too large.
        if (endpoint.MediaType is { } mediaType && !IsPlain(request, mediaType))
        {
            return (null, mediaType == SignedEndpoint.Form ? RequestProblems.FormExpected : CommonProblems.UnsupportedMediaType);
        }

        var body = new RequestBody((int)(request.ContentLength ?? 4096) + 1);
        try
        {
            while (true)
            {
                var read = await request.Body.ReadAsync(body._bytes.GetMemory(), cancellationToken);
                body._bytes.Advance(read);
                if (body.Length > maxBytes)
                {
                    body.Dispose();
                    return (null, CommonProblems.BodyTooLarge);
                }

                if (read == 0)
                {
                    return (body, null);
                }
            }
        }
        catch (Exception exception)
        {
            body.Dispose();
            if (exception is IOException and not BadHttpRequestException)
            {
                // The request may be told a moment later that its client has gone; until then this would look like a defect.
                throw new BadHttpRequestException("The client has reset its connection", exception);
            }

            throw;
        }
    }

    public void Dispose() => _bytes.Dispose();

    private static bool IsPlain(HttpRequest request, string mediaType)
    {
        if (request.Headers.ContentEncoding.Count > 0)
        {
            return false;
        }

        if (string.Equals(request.ContentType, mediaType, StringComparison.OrdinalIgnoreCase))
        {
            return true;
        }

        return MediaTypeHeaderValue.TryParse(request.ContentType, out var type)
            && type.MediaType.Equals(mediaType, StringComparison.OrdinalIgnoreCase)
            && (!type.Charset.HasValue || HeaderUtilities.RemoveQuotes(type.Charset).Equals("utf-8", StringComparison.OrdinalIgnoreCase));
    }
}
