using System.Collections.Concurrent;
using System.Data.Common;
using System.Diagnostics.Metrics;
using System.Security.Cryptography;
using AuthPlatform.Contracts;
using AuthPlatform.ServiceDefaults;

namespace AuthPlatform.TokenApi.Requests;

/// <summary>
/// The applications as this process knows them. One in use is read again when a message says that it changed, and every 15 s in case none came; while
/// Postgres does not answer, the last known state stays good, so that verifying goes on, and so does a single value that does not open. A missing one is remembered for 10 s, so
/// that random client ids cost nothing.
/// </summary>
internal sealed partial class ApplicationSnapshots(ApplicationReader reader, IMeterFactory meters, TimeProvider clock, ILogger<ApplicationSnapshots> logger) : IDisposable
{
    private const int MaxMissing = 10_000;
    private const int MaxReaders = 5;
    private static readonly TimeSpan Fresh = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan MissingFor = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan BetweenAttempts = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    /// <summary>Where there is something to go by.</summary>
    private static readonly TimeSpan ShortPatience = TimeSpan.FromSeconds(1);

    private readonly ConcurrentDictionary<string, Snapshot> _snapshots = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, long> _missing = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, bool> _unopened = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, Lazy<Task<Application?>>> _loading = new(StringComparer.Ordinal);
    private readonly SemaphoreSlim _readers = new(MaxReaders);
    private readonly RareCounter _decryptFailures = new(
        meters.Create(TokenMetrics.MeterName), "authplatform.applications.decrypt.failures", "{application}", "Readings of an application of which a secret or the key of refresh tokens could not be decrypted");

    private int _changes;

    /// <summary>The application, or null when there is none of that name.</summary>
    /// <exception cref="DbException">It is not known, and Postgres does not answer.</exception>
    /// <exception cref="TimeoutException">The same, and it does not even say so.</exception>
    public async ValueTask<Application?> FindAsync(string clientId, CancellationToken cancellationToken)
    {
        if (_snapshots.TryGetValue(clientId, out var known) && known.ReadAt is { } readAt && clock.GetElapsedTime(readAt) < Fresh)
        {
            return known.Application;
        }

        if (!ClientId.IsWellFormed(clientId) || (_missing.TryGetValue(clientId, out var since) && clock.GetElapsedTime(since) < MissingFor))
        {
            return null;
        }

        try
        {
            // One caller reads, the others wait for it; nobody's cancellation takes the answer from the rest.
            return await _loading.GetOrAdd(clientId, id => new Lazy<Task<Application?>>(() => LoadAsync(id))).Value
                .WaitAsync(known is null ? Patience : ShortPatience, clock, cancellationToken);
        }
        catch (Exception exception) when (exception is DbException or TimeoutException && known is not null)
        {
            // Good for a while longer, so that not every request waits for an answer that does not come; unless it came, or changed again, in this moment.
            var notLongAgo = clock.GetTimestamp() - (long)((Fresh - BetweenAttempts).TotalSeconds * clock.TimestampFrequency);
            if (_snapshots.TryUpdate(clientId, known with { ReadAt = notLongAgo }, known))
            {
                Log.KeepsOld(logger, clientId, exception.Message);
            }

            return known.Application;
        }
    }

    /// <summary>The application has changed: what is known of it counts only until it is asked for, or while Postgres does not answer.</summary>
    public void Outdate(string clientId)
    {
        // Before looking: a reading that has begun already sees that it may have been too early.
        Interlocked.Increment(ref _changes);
        MarkOutdated(clientId);
    }

    private void MarkOutdated(string clientId)
    {
        _missing.TryRemove(clientId, out _);
        if (_snapshots.TryGetValue(clientId, out var known))
        {
            _snapshots.TryUpdate(clientId, known with { ReadAt = null }, known);
        }
    }

    private async Task<Application?> LoadAsync(string clientId)
    {
        // A flood of invented names must not take all connections, nor queue up while none is answered.
        if (!await _readers.WaitAsync(Patience))
        {
            _loading.TryRemove(clientId, out _);
            throw new TimeoutException("It waited too long for others to be read");
        }

        var changes = Volatile.Read(ref _changes);
        try
        {
            var (application, unopened) = await reader.ReadAsync(clientId, _snapshots.GetValueOrDefault(clientId)?.Application);
            var now = clock.GetTimestamp();
            if (application is null)
            {
                _snapshots.TryRemove(clientId, out _);
                if (_missing.Count >= MaxMissing)
                {
                    _missing.Clear();
                }

                _missing[clientId] = now;
                return null;
            }

            _missing.TryRemove(clientId, out _);
            NoteUnopened(clientId, unopened);
            _snapshots[clientId] = new Snapshot(application, now);
            return application;
        }
        catch (CryptographicException exception)
        {
            // What was known holds no longer: an outage must not bring it back.
            _snapshots.TryRemove(clientId, out _);
            NoteUnopened(clientId, exception);
            throw new BadHttpRequestException($"What is stored of {clientId} does not open", StatusCodes.Status503ServiceUnavailable, exception);
        }
        finally
        {
            if (changes != Volatile.Read(ref _changes))
            {
                // It may have been read too early.
                MarkOutdated(clientId);
            }

            _loading.TryRemove(clientId, out _);
            _readers.Release();
        }
    }

    /// <summary>No defect, and not over in a moment: it takes another key in the settings or another row. So it is said once, and counted each time.</summary>
    private void NoteUnopened(string clientId, CryptographicException? unopened)
    {
        if (unopened is null)
        {
            _unopened.TryRemove(clientId, out _);
            return;
        }

        _decryptFailures.Add(1);
        if (_unopened.TryAdd(clientId, true))
        {
            Log.DoesNotOpen(logger, clientId, unopened.Message);
        }
    }

    public void Dispose() => _readers.Dispose();

    /// <param name="Application">What was read.</param>
    /// <param name="ReadAt">When, by a clock that nobody sets; null when it has changed since.</param>
    private sealed record Snapshot(Application Application, long? ReadAt);

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "Application {ClientId} could not be read again: {Reason}. Its last known state stays in use")]
        public static partial void KeepsOld(ILogger logger, string clientId, string reason);

        [LoggerMessage(
            2,
            LogLevel.Error,
            "What is stored of application {ClientId} does not open: {Reason} Give this service the encryption key, or, if it has it, restore the row that 'authplatform doctor' names. "
            + "Until then a value that was known before stays in use here and a secret that was not is refused; with too little left, its requests are answered 503")]
        public static partial void DoesNotOpen(ILogger logger, string clientId, string reason);
    }
}
