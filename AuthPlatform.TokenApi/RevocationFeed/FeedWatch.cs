using System.Collections.Concurrent;
using System.Data.Common;
using Microsoft.Extensions.Options;

namespace AuthPlatform.TokenApi.RevocationFeed;

/// <summary>
/// Wakes the streams of those applications that have new revocations: one small question a second for all of them, and none while there are no streams.
/// </summary>
internal sealed partial class FeedWatch(FeedStore store, IOptions<FeedOptions> options, TokenMetrics metrics, TimeProvider clock, ILogger<FeedWatch> logger) : BackgroundService
{
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(1);

    private readonly ConcurrentDictionary<(Guid Issuer, Guid Caller), Subscribers> _subscribers = new();
    private int _open;
    private bool _failed;

    /// <summary>Where the next look begins; null when something may have been missed, so that everybody has to look.</summary>
    private ulong? _position;

    /// <summary>
    /// Takes one of the streams of the issuer's revocations that the caller may have, until it is disposed of; null when it has them all. Each caller has its own, so that
    /// none can leave the others without.
    /// </summary>
    public Subscription? Subscribe(Guid issuerId, Guid callerId)
    {
        var subscribers = _subscribers.GetOrAdd((issuerId, callerId), _ => new Subscribers());
        if (!subscribers.TryAdd(options.Value.MaxStreamsPerApplication))
        {
            return null;
        }

        Interlocked.Increment(ref _open);
        metrics.StreamsChanged(+1);
        return new Subscription(this, subscribers);
    }

    private void Leave(Subscribers subscribers)
    {
        subscribers.Remove();
        Interlocked.Decrement(ref _open);
        metrics.StreamsChanged(-1);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Period, clock);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            if (Volatile.Read(ref _open) == 0)
            {
                _position = null;
                continue;
            }

            try
            {
                await LookAsync(stoppingToken);
                _failed = false;
            }
            catch (Exception exception) when (exception is DbException or TimeoutException)
            {
                _position = null;
                if (!_failed)
                {
                    Log.Failed(logger, exception.Message);
                    _failed = true;
                }
            }
        }
    }

    private async Task LookAsync(CancellationToken cancellationToken)
    {
        var (next, changed) = await store.ChangedSinceAsync(_position ?? ulong.MaxValue, cancellationToken);
        foreach (var ((issuerId, _), subscribers) in _subscribers)
        {
            if (_position is null || changed.Contains(issuerId))
            {
                subscribers.Wake();
            }
        }

        _position = next;
    }

    /// <summary>One stream's place.</summary>
    internal sealed class Subscription(FeedWatch watch, Subscribers subscribers) : IDisposable
    {
        /// <summary>Ends when there may be something new. Ask for it before reading, so that nothing comes in between.</summary>
        public Task NextAsync() => subscribers.NextAsync();

        public void Dispose() => watch.Leave(subscribers);
    }

    /// <summary>The streams of one issuer that one caller reads.</summary>
    internal sealed class Subscribers
    {
        private TaskCompletionSource _next = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private int _count;

        public bool TryAdd(int limit)
        {
            if (Interlocked.Increment(ref _count) <= limit)
            {
                return true;
            }

            Interlocked.Decrement(ref _count);
            return false;
        }

        public void Remove() => Interlocked.Decrement(ref _count);

        public Task NextAsync() => Volatile.Read(ref _next).Task;

        public void Wake() => Interlocked.Exchange(ref _next, new(TaskCreationOptions.RunContinuationsAsynchronously)).SetResult();
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "New revocations could not be looked for: {Reason}. Streams of revocations wait")]
        public static partial void Failed(ILogger logger, string reason);
    }
}
