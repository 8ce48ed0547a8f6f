using Microsoft.Extensions.Primitives;

namespace AuthPlatform.Gateway.Sharing;

/// <summary>An answer that can be given to several.</summary>
internal sealed record RecordedAnswer(int Status, KeyValuePair<string, StringValues>[] Headers, ReadOnlyMemory<byte> Body)
{
    /// <summary>What <paramref name="next"/> answers, kept back.</summary>
    public static async Task<RecordedAnswer> OfAsync(HttpContext context, RequestDelegate next)
    {
        var response = context.Response;
        // What is set already, such as Strict-Transport-Security, belongs to this connection, not to those of the others.
        var (outside, before) = (response.Body, response.Headers.Select(header => header.Key).ToHashSet(StringComparer.OrdinalIgnoreCase));
        using var recorded = new MemoryStream();
        response.Body = recorded;
        try
        {
            await next(context);
        }
        finally
        {
            response.Body = outside;
        }

        return new RecordedAnswer(response.StatusCode, [.. response.Headers.Where(header => !before.Contains(header.Key))], recorded.ToArray());
    }

    public async Task GiveAsync(HttpContext context)
    {
        context.Response.StatusCode = Status;
        foreach (var (name, value) in Headers)
        {
            context.Response.Headers[name] = value;
        }

        if (!Body.IsEmpty)
        {
            await context.Response.Body.WriteAsync(Body, context.RequestAborted);
        }
    }
}
