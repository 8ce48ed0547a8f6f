using Microsoft.Extensions.Primitives;

namespace AuthPlatform.Gateway.Sharing;

/// <summary>An answer that can be given to several.</summary>
internal sealed record RecordedAnswer(int Status, KeyValuePair<string, StringValues>[] Headers, ReadOnlyMemory<byte> Body)
{
    /// <summary>What <paramref name="next"/> answers, kept back.</summary>
    public static async Task<RecordedAnswer> OfAsync(HttpContext context, RequestDelegate next)
    {
        var response = context.Response;
        // What belongs to this connection, such as Strict-Transport-Security, is set when its own answer begins: nobody else gets that.
        var outside = response.Body;
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

        return new RecordedAnswer(response.StatusCode, [.. response.Headers], recorded.ToArray());
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
