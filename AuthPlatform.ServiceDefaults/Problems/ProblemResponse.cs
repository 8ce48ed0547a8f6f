using System.Buffers;
using System.Diagnostics;
using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using AuthPlatform.Contracts;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;

namespace AuthPlatform.ServiceDefaults.Problems;

/// <summary>
/// Writes a <see cref="Problem"/> as <c>application/problem+json</c> (RFC 9457) with the members of RFC 6749 §5.2 beside it, or, where an endpoint has
/// <see cref="PlainOAuthErrors"/>, as those members alone.
/// </summary>
public static class ProblemResponse
{
    /// <summary>Sends the answer; the response must not have started.</summary>
    public static async Task WriteAsync(HttpContext context, Problem problem)
    {
        var response = context.Response;
        var isPlain = context.GetEndpoint()?.Metadata.GetMetadata<PlainOAuthErrors>() is not null;
        response.StatusCode = problem.Status;
        response.ContentType = isPlain ? "application/json" : "application/problem+json";
        response.Headers.CacheControl = "no-store";
        if (problem.RetryAfterSeconds is { } seconds)
        {
            response.Headers.RetryAfter = seconds.ToString(CultureInfo.InvariantCulture);
        }

        if (problem.Status == StatusCodes.Status401Unauthorized)
        {
            response.Headers.WWWAuthenticate = problem.Challenge ?? Challenge(problem);
        }

        var buffer = new ArrayBufferWriter<byte>(512);
        if (isPlain)
        {
            response.Headers.Pragma = "no-cache";
            PlainOAuthErrors.Write(buffer, problem);
        }
        else
        {
            Write(buffer, problem, Activity.Current?.TraceId.ToHexString() ?? context.TraceIdentifier);
        }

        response.ContentLength = buffer.WrittenCount;
        await response.Body.WriteAsync(buffer.WrittenMemory, context.RequestAborted);
    }

    /// <summary>RFC 9110 §11.6.1 wants a challenge with every 401; a token's refusal is a Bearer one (RFC 6750 §3).</summary>
    private static string Challenge(Problem problem) => problem.Error switch
    {
        OAuthErrors.InvalidToken => $"Bearer error=\"{OAuthErrors.InvalidToken}\"",
        OAuthErrors.InvalidGrant => $"Bearer error=\"{OAuthErrors.InvalidGrant}\"",
        _ => "AUTH-HMAC-SHA256 realm=\"AuthPlatform\"",
    };

    private static void Write(IBufferWriter<byte> buffer, Problem problem, string traceId)
    {
        // Read by programs and people, never as HTML: "±" may stay "±".
        using var json = new Utf8JsonWriter(buffer, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
        json.WriteStartObject();
        json.WriteString("type"u8, $"urn:authplatform:problem:{problem.Code}");
        json.WriteString("title"u8, ReasonPhrases.GetReasonPhrase(problem.Status));
        json.WriteNumber("status"u8, problem.Status);
        json.WriteString("detail"u8, problem.Detail);
        json.WriteString("code"u8, problem.Code);
        json.WriteString("error"u8, problem.Error);
        json.WriteString("error_description"u8, problem.Detail);
        json.WriteString("trace_id"u8, traceId);
        json.WriteEndObject();
    }
}
