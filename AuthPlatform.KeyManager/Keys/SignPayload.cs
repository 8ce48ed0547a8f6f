using System.Buffers;
using System.Text.Json;
using System.Text.Unicode;
using AuthPlatform.Contracts;
using AuthPlatform.ServiceDefaults.Problems;

namespace AuthPlatform.KeyManager.Keys;

/// <summary><c>POST /internal/applications/{client_id}/sign?typ=</c>: the payload comes in, the compact JWS goes out, the private key stays.</summary>
internal sealed class SignPayload(KeyRing ring, TimeProvider clock, KeyMetrics metrics)
{
    private static readonly Problem InvalidType =
        new(StatusCodes.Status400BadRequest, ErrorCodes.InvalidRequest, OAuthErrors.InvalidRequest, "typ must be at+jwt, rt+jwt or JWT");

    private static readonly Problem InvalidJson =
        new(StatusCodes.Status400BadRequest, ErrorCodes.InvalidJson, OAuthErrors.InvalidRequest, "The payload must be one JSON object in UTF-8");

    public async Task HandleAsync(HttpContext context, string clientId)
    {
        // One byte more than allowed tells "just fits" from "too large" without reading on.
        var buffer = ArrayPool<byte>.Shared.Rent(KeyManagerContract.MaxPayloadLength + 1);
        try
        {
            if (await SignAsync(context, clientId, buffer) is { } problem)
            {
                await ProblemResponse.WriteAsync(context, problem);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private async Task<Problem?> SignAsync(HttpContext context, string clientId, byte[] buffer)
    {
        var type = context.Request.Query["typ"].ToString();
        if (!Signer.Takes(type))
        {
            return InvalidType;
        }

        if (context.Request.ContentLength > KeyManagerContract.MaxPayloadLength)
        {
            return CommonProblems.BodyTooLarge;
        }

        var length = await context.Request.Body.ReadAtLeastAsync(
            buffer.AsMemory(0, KeyManagerContract.MaxPayloadLength + 1), KeyManagerContract.MaxPayloadLength + 1, throwOnEndOfStream: false, context.RequestAborted);
        if (length > KeyManagerContract.MaxPayloadLength)
        {
            return CommonProblems.BodyTooLarge;
        }

        var payload = buffer.AsMemory(0, length);
        if (!IsJsonObject(payload.Span))
        {
            return InvalidJson;
        }

        if (!ClientId.IsWellFormed(clientId))
        {
            return CommonProblems.NotFound;
        }

        var (keys, isUnavailable) = await ring.FindAsync(clientId, context.RequestAborted);
        if (keys?.Signer is not { } signer || !ring.MaySign)
        {
            return keys is null && !isUnavailable ? CommonProblems.NotFound : CommonProblems.TemporarilyUnavailable;
        }

        await WriteAsync(context.Response, signer, type, payload);
        return null;
    }

    private async Task WriteAsync(HttpResponse response, Signer signer, string type, ReadOnlyMemory<byte> payload)
    {
        var length = signer.LengthOf(type, payload.Length);
        response.ContentType = "text/plain";
        response.ContentLength = length;
        response.Headers.CacheControl = "no-store";
        response.Headers[KeyManagerContract.KeyIdHeader] = signer.KeyId;

        var started = clock.GetTimestamp();
        signer.Sign(type, payload.Span, response.BodyWriter.GetSpan(length)[..length]);
        metrics.Signed(type, clock.GetElapsedTime(started));
        response.BodyWriter.Advance(length);
        await response.BodyWriter.FlushAsync(response.HttpContext.RequestAborted);
    }

    /// <summary>Looks only at the form: what the claims mean is the Token API's business.</summary>
    private static bool IsJsonObject(ReadOnlySpan<byte> utf8)
    {
        if (!Utf8.IsValid(utf8))
        {
            return false;
        }

        try
        {
            var reader = new Utf8JsonReader(utf8);
            return reader.Read() && reader.TokenType == JsonTokenType.StartObject && reader.TrySkip() && !reader.Read();
        }
        catch (JsonException)
        {
            return false;
        }
    }
}
