using System.Buffers;
using System.Data.Common;
using System.Text;
using System.Text.Json;
using AuthPlatform.Contracts;
using AuthPlatform.TokenApi.Requests;
using AuthPlatform.TokenApi.Sessions;
using Microsoft.AspNetCore.Http.Features;

namespace AuthPlatform.TokenApi.RevocationFeed;

/// <summary>
/// The revocation feed as server-sent events: first what the reader has not read, then each revocation about a second after it was made. The id of an event is
/// its cursor, with which a reader that was cut off goes on anywhere.
/// </summary>
internal sealed partial class StreamRevocations(
    FeedStore store, FeedWatch watch, ApplicationSnapshots applications, RevocationMetrics metrics, IHostApplicationLifetime lifetime, TimeProvider clock, ILogger<StreamRevocations> logger)
{
    private const int PageSize = 500;

    /// <summary>Shorter than what proxies take for a dead connection; ours waits 30 s.</summary>
    private static readonly TimeSpan Heartbeat = TimeSpan.FromSeconds(15);

    private static readonly Problem TooManyStreams = new(
        StatusCodes.Status429TooManyRequests, ErrorCodes.TooManyStreams, OAuthErrors.TemporarilyUnavailable, "This client has too many streams of this application open; close one, or read page by page")
    {
        RetryAfterSeconds = 30,
    };

    /// <summary>Streams until the reader goes, may not read any more, or this process stops.</summary>
    /// <param name="context">The request and its answer.</param>
    /// <param name="issuer">The application whose revocations are read.</param>
    /// <param name="request">Who reads, and the secret that proved it.</param>
    /// <param name="page">What the reader has not read yet, or the beginning of it.</param>
    public async Task<Problem?> StreamAsync(HttpContext context, Application issuer, ClientRequest request, FeedPage page)
    {
        using var subscription = watch.Subscribe(issuer.Id, request.Caller.Id);
        if (subscription is null)
        {
            return TooManyStreams;
        }

        var response = context.Response;
        response.ContentType = "text/event-stream";
        response.Headers.CacheControl = "no-store";
        // For proxies of the nginx kind, which would otherwise keep events until a buffer is full.
        response.Headers["X-Accel-Buffering"] = "no";
        context.Features.Get<IHttpResponseBodyFeature>()?.DisableBuffering();
        await response.Body.WriteAsync("retry: 3000\n\n"u8.ToArray(), context.RequestAborted);

        using var ending = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, lifetime.ApplicationStopping);
        try
        {
            await FollowAsync(context, subscription, issuer, request, page, ending.Token);
        }
        catch (OperationCanceledException) when (lifetime.ApplicationStopping.IsCancellationRequested)
        {
            // The answer ends like any other; the reader goes on at another replica.
        }
        catch (Exception exception) when (exception is DbException or TimeoutException)
        {
            Log.Ended(logger, issuer.ClientId, exception.Message);
        }

        return null;
    }

    private async Task FollowAsync(HttpContext context, FeedWatch.Subscription subscription, Application issuer, ClientRequest request, FeedPage page, CancellationToken cancellationToken)
    {
        // The first page was read before anybody could be woken: look again at once.
        var next = Task.CompletedTask;
        while (true)
        {
            await WriteAsync(context.Response, page, cancellationToken);
            if (!page.HasMore)
            {
                await BeatUntilAsync(next, context.Response, () => MayReadAsync(context, issuer, request, cancellationToken), cancellationToken);
            }

            next = subscription.NextAsync();
            if (!await MayReadAsync(context, issuer, request, cancellationToken) || await store.ReadAsync(issuer.Id, page.Cursor, PageSize, cancellationToken) is not { } unread)
            {
                return;
            }

            // How late what came while somebody was reading is, shows what keeps the feed; how old a backlog is, shows only how long its reader was away.
            if (!page.HasMore)
            {
                metrics.Streamed(unread.Entries);
            }

            page = unread;
        }
    }

    /// <summary>Keeps the connection alive until there is something new, or no right to read it.</summary>
    private async Task BeatUntilAsync(Task next, HttpResponse response, Func<ValueTask<bool>> mayRead, CancellationToken cancellationToken)
    {
        while (await Task.WhenAny(next, Task.Delay(Heartbeat, clock, cancellationToken)) != next)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (!await mayRead())
            {
                return;
            }

            await response.Body.WriteAsync(": still here\n\n"u8.ToArray(), cancellationToken);
        }
    }

    /// <summary>What was true when the stream began: both enabled, the secret good, the one named by the other, from an address that may.</summary>
    private async ValueTask<bool> MayReadAsync(HttpContext context, Application issuer, ClientRequest request, CancellationToken cancellationToken) =>
        await applications.FindAsync(request.Caller.ClientId, cancellationToken) is { Enabled: true } callerNow
        && callerNow.Secrets.Any(s => s.Id == request.SecretId && s.IsLive(clock.GetUtcNow()))
        && callerNow.AllowedAddresses.Refuse(context) is null
        && (callerNow.ClientId == issuer.ClientId
            || (await applications.FindAsync(issuer.ClientId, cancellationToken) is { Enabled: true } issuerNow && issuerNow.HasResourceServer(callerNow)));

    private static async Task WriteAsync(HttpResponse response, FeedPage page, CancellationToken cancellationToken)
    {
        if (page.Entries.Count == 0)
        {
            return;
        }

        var buffer = new ArrayBufferWriter<byte>(256 * page.Entries.Count);
        using var json = new Utf8JsonWriter(buffer);
        foreach (var entry in page.Entries)
        {
            buffer.Write(Encoding.ASCII.GetBytes($"id: {entry.Cursor}\nevent: revocation\ndata: "));
            entry.WriteTo(json);
            json.Flush();
            json.Reset();
            buffer.Write("\n\n"u8);
        }

        await response.Body.WriteAsync(buffer.WrittenMemory, cancellationToken);
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "A stream of the revocations of {ClientId} ends early: {Reason}. Its reader comes back")]
        public static partial void Ended(ILogger logger, string clientId, string reason);
    }
}
