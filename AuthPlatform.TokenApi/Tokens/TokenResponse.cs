using System.Text.Encodings.Web;
using System.Text.Json;
using AuthPlatform.TokenApi.Requests;

namespace AuthPlatform.TokenApi.Tokens;

/// <summary>Writes the JSON answers that hold tokens: never stored by anyone on the way (RFC 6749 §5.1).</summary>
internal static class TokenResponse
{
    private static readonly JsonWriterOptions WriterOptions = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static async Task WriteAsync<TState>(HttpContext context, TState state, Action<Utf8JsonWriter, TState> writeMembers)
    {
        using var buffer = new PooledBuffer(2048);
        using (var json = new Utf8JsonWriter(buffer, WriterOptions))
        {
            json.WriteStartObject();
            writeMembers(json, state);
            json.WriteEndObject();
        }

        var response = context.Response;
        response.ContentType = "application/json";
        response.Headers.CacheControl = "no-store";
        response.Headers.Pragma = "no-cache";
        response.ContentLength = buffer.Length;
        await response.Body.WriteAsync(buffer.Memory, context.RequestAborted);
    }
}
