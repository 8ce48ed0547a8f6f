using System.Collections.Concurrent;
using System.Net;
using System.Net.ServerSentEvents;
using System.Text.Json;
using Microsoft.AspNetCore.Authentication.JwtBearer;

namespace ResourceServer;

/// <summary>The sessions and tokens that ended before their time: all of them before the server takes its first request, then each as it ends.</summary>
internal sealed partial class Revocations(IHttpClientFactory clients, ILogger<Revocations> logger) : BackgroundService
{
    // A connection that died without a word tells nothing any more: none is kept for longer, and the next goes on where it ended.
    private static readonly TimeSpan LongestStream = TimeSpan.FromMinutes(1);
    // Until then what was told is good enough; after that nobody is let in. Longer, if being there matters more to you than who is let in.
    private static readonly TimeSpan GoodFor = TimeSpan.FromMinutes(5);
    private static readonly JsonSerializerOptions Json = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };

    private readonly ConcurrentDictionary<string, Revocation> _revoked = new();
    private readonly TaskCompletionSource _complete = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private string? _cursor;
    private long _heardAt;

    private static long Now => TimeProvider.System.GetUtcNow().ToUnixTimeSeconds();

    public Task RefuseAsync(TokenValidatedContext token)
    {
        if (TimeProvider.System.GetElapsedTime(Volatile.Read(ref _heardAt)) > GoodFor)
        {
            token.Fail("Nobody knows which tokens were revoked.");
        }
        else if (token.Principal!.Claims.Any(claim => claim.Type is "sid" or "jti" && _revoked.TryGetValue(claim.Value, out var told) && told.EffectiveAt <= Now))
        {
            token.Fail("The token was revoked.");
        }

        return Task.CompletedTask;
    }

    /// <summary>The server listens after this, and so takes no token of which it has not heard yet that it was revoked.</summary>
    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        await base.StartAsync(cancellationToken);
        await _complete.Task.WaitAsync(cancellationToken);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (true)
        {
            using var over = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken);
            over.CancelAfter(LongestStream);
            try
            {
                await ReadPagesAsync(over.Token);
                Volatile.Write(ref _heardAt, TimeProvider.System.GetTimestamp());
                _complete.TrySetResult();
                await FollowAsync(over.Token);
            }
            catch (Exception exception) when (!stoppingToken.IsCancellationRequested)
            {
                // That a minute is over is no news.
                Log.Interrupted(logger, over.IsCancellationRequested ? LogLevel.Debug : LogLevel.Warning, exception.Message);
                if (exception is HttpRequestException { StatusCode: HttpStatusCode.BadRequest })
                {
                    _cursor = null; // of another database than the one there is now: from the beginning
                }
            }

            foreach (var past in _revoked.Where(known => known.Value.Until < Now))
            {
                _revoked.TryRemove(past);
            }

            await Task.Delay(TimeSpan.FromSeconds(1), TimeProvider.System, stoppingToken);
        }
    }

    private async Task ReadPagesAsync(CancellationToken cancellationToken)
    {
        for (var hasMore = true; hasMore;)
        {
            var query = _cursor is null ? "" : $"?since={_cursor}";
            var page = (await clients.CreateClient(nameof(Revocations)).GetFromJsonAsync<Page>($"revocations{query}", Json, cancellationToken))!;
            page.Revocations.ForEach(Take);
            (_cursor, hasMore) = (page.Cursor, page.HasMore);
        }
    }

    private async Task FollowAsync(CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "revocations") { Headers = { { "Accept", "text/event-stream" }, { "Last-Event-ID", _cursor } } };
        using var response = await clients.CreateClient(nameof(Revocations)).SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        await using var stream = await response.EnsureSuccessStatusCode().Content.ReadAsStreamAsync(cancellationToken);
        await foreach (var told in SseParser.Create(stream).EnumerateAsync(cancellationToken))
        {
            Take(JsonSerializer.Deserialize<Revocation>(told.Data, Json)!);
            _cursor = told.EventId;
        }
    }

    /// <summary>What counts at once does so whatever this machine's clock says; what is told twice counts from the earlier moment to the later one.</summary>
    private void Take(Revocation told)
    {
        var since = told.EffectiveAt <= told.RevokedAt ? 0 : told.EffectiveAt;
        _revoked.AddOrUpdate(
            told.Sid ?? told.Jti!,
            told with { EffectiveAt = since },
            (_, known) => known with { EffectiveAt = Math.Min(known.EffectiveAt, since), Until = Math.Max(known.Until, told.Until) });
    }

    private sealed record Page(List<Revocation> Revocations, string Cursor, bool HasMore);

    private sealed record Revocation(string? Sid, string? Jti, long RevokedAt, long EffectiveAt, long Until);

    private static partial class Log
    {
        [LoggerMessage("Revocations are not followed: {Reason}")]
        public static partial void Interrupted(ILogger logger, LogLevel level, string reason);
    }
}
