using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using AuthPlatform.Contracts;
using AuthPlatform.ServiceDefaults.Problems;

namespace AuthPlatform.KeyManager.Keys;

/// <summary>Why an internal request is refused, and what all of them have in common.</summary>
internal static class KeyProblems
{
    private const int MaxBodyLength = 16 * 1024;

    public static Problem InvalidClientId { get; } = Invalid("A client id is 1 to 64 letters, digits, '_' or '-'");

    public static Problem InvalidBody { get; } = Invalid("The body is not the JSON object that this route takes");

    public static Problem UnknownRequest { get; } =
        new(StatusCodes.Status409Conflict, ErrorCodes.RequestReplayed, OAuthErrors.InvalidRequest, "No rotation was carried out for this request, or another one since");

    public static Problem Invalid(string detail) => new(StatusCodes.Status400BadRequest, ErrorCodes.InvalidRequest, OAuthErrors.InvalidRequest, detail);

    public static Problem TooManyRotations(string detail, int retryAfterSeconds) =>
        new(StatusCodes.Status429TooManyRequests, ErrorCodes.TooManyRotations, OAuthErrors.TemporarilyUnavailable, detail) { RetryAfterSeconds = retryAfterSeconds };

    /// <summary>Runs a handler that writes its answer or returns why it refuses.</summary>
    public static async Task RunAsync(HttpContext context, Func<Task<Problem?>> handle)
    {
        if (await handle() is { } problem)
        {
            await ProblemResponse.WriteAsync(context, problem);
        }
    }

    /// <summary>The body as a record; null when it is not one.</summary>
    public static async Task<T?> ReadAsync<T>(HttpContext context, JsonTypeInfo<T> type)
        where T : class
    {
        // One byte more than allowed tells "just fits" from "too large" without reading on.
        var buffer = new byte[MaxBodyLength + 1];
        var length = await context.Request.Body.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, context.RequestAborted);
        if (length > MaxBodyLength)
        {
            return null;
        }

        try
        {
            return JsonSerializer.Deserialize(buffer.AsSpan(0, length), type);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    public static async Task WriteAsync<T>(HttpContext context, T answer, JsonTypeInfo<T> type)
    {
        context.Response.Headers.CacheControl = "no-store";
        await context.Response.WriteAsJsonAsync(answer, type, cancellationToken: context.RequestAborted);
    }
}
