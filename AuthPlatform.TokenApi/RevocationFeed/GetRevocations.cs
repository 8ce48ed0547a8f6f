using System.Globalization;
using AuthPlatform.Contracts;
using AuthPlatform.TokenApi.OAuth;
using AuthPlatform.TokenApi.Requests;
using AuthPlatform.TokenApi.Tokens;
using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;

namespace AuthPlatform.TokenApi.RevocationFeed;

/// <summary>
/// <c>GET /auth/{client_id}/revocations?since=&amp;limit=</c>: the sessions and tokens that ended before their time, for resource servers that check tokens offline
/// and want to know all the same. As JSON, page by page, or as a stream of events.
/// </summary>
internal sealed class GetRevocations(IssuerEndpointRunner runner, FeedStore store, StreamRevocations stream)
{
    private const int DefaultLimit = 500;
    private const int MaxLimit = 1000;
    private const string EventStream = "text/event-stream";

    private static readonly Problem MalformedCursor = RequestProblems.Invalid("since must be a cursor that this feed has given");
    private static readonly Problem MalformedLimit = RequestProblems.Invalid($"limit must be 1 to {MaxLimit}");

    /// <summary>The database is another than the one that gave it, or an older state of it: nobody knows what the reader has not read.</summary>
    private static readonly Problem UnknownCursor = RequestProblems.Invalid("This cursor is not known; start again without one");

    public Task HandleAsync(HttpContext context, string clientId) =>
        runner.RunForResourceServersAsync(context, SignedEndpoint.Revocations, clientId, (issuer, request) => ReadAsync(context, issuer, request));

    private async Task<Problem?> ReadAsync(HttpContext context, Application issuer, ClientRequest request)
    {
        // Whoever asks for the headers alone would wait for the end of a stream.
        var asksForStream = !HttpMethods.IsHead(context.Request.Method) && PrefersStream(context.Request.GetTypedHeaders().Accept);
        // A stream that is resumed keeps its address; where it really was is in this header.
        var lastEvent = asksForStream ? context.Request.Headers["Last-Event-ID"] : StringValues.Empty;
        if (Cursor(lastEvent.Count > 0 ? lastEvent : context.Request.Query["since"]) is not { } since)
        {
            return MalformedCursor;
        }

        if (Limit(context.Request.Query["limit"]) is not { } limit)
        {
            return MalformedLimit;
        }

        if (await store.ReadAsync(issuer.Id, since, limit, context.RequestAborted) is not { } page)
        {
            return UnknownCursor;
        }

        if (asksForStream)
        {
            return await stream.StreamAsync(context, issuer, request, page);
        }

        await TokenResponse.WriteAsync(context, page, static (json, answer) =>
        {
            json.WriteStartArray("revocations"u8);
            foreach (var entry in answer.Entries)
            {
                entry.WriteTo(json);
            }

            json.WriteEndArray();
            json.WriteString("cursor"u8, answer.Cursor.ToString());
            json.WriteBoolean("has_more"u8, answer.HasMore);
        });
        return null;
    }

    /// <summary>Whether the stream is named, and no worse than a page: of what stands for JSON, the closest counts (RFC 9110 §12.5.1).</summary>
    private static bool PrefersStream(IList<MediaTypeHeaderValue> accepted) =>
        Quality(accepted, EventStream) is > 0 and var stream
        && stream >= (Quality(accepted, "application/json") ?? Quality(accepted, "application/*") ?? Quality(accepted, "*/*") ?? 0);

    private static double? Quality(IList<MediaTypeHeaderValue> accepted, string type) =>
        accepted.Where(a => a.MediaType.Equals(type, StringComparison.OrdinalIgnoreCase)).Max(a => (double?)(a.Quality ?? 1));

    private static FeedCursor? Cursor(StringValues value) => value switch
    {
        [] => FeedCursor.Start,
        [{ } text] => FeedCursor.Parse(text),
        _ => null,
    };

    private static int? Limit(StringValues value) => value switch
    {
        [] => DefaultLimit,
        [{ } text] when text.All(char.IsAsciiDigit) && int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var limit) && limit is >= 1 and <= MaxLimit => limit,
        _ => null,
    };
}
