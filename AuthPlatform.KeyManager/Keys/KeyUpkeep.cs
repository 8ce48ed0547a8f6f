using System.Security.Cryptography;
using Microsoft.Extensions.Options;

namespace AuthPlatform.KeyManager.Keys;

/// <summary>
/// Keeps the key ring up to date and carries out what the policy plans, from the start on and for as long as the process lives. All replicas do this; for each
/// application one of them at a time.
/// </summary>
internal sealed partial class KeyUpkeep(KeyRing ring, KeyStore store, KeyChangeEffects effects, KeyWakeUp wakeUp, IOptions<KeyOptions> options, DatabaseClock clock, ILogger<KeyUpkeep> logger)
    : BackgroundService
{
    /// <summary>How long, without messages, until a change made by another replica is seen here.</summary>
    private static readonly TimeSpan BetweenLooks = TimeSpan.FromMilliseconds(500);

    private static readonly TimeSpan AfterFailure = TimeSpan.FromSeconds(1);

    private long _readAt;
    private TimeSpan _readAgainAfter;
    private bool _isOff;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            var succeeded = await TickAsync(stoppingToken);
            await wakeUp.WaitAsync(succeeded ? BetweenLooks : AfterFailure, stoppingToken);
        }
    }

    private async Task<bool> TickAsync(CancellationToken cancellationToken)
    {
        try
        {
            if (!await LookAsync(cancellationToken))
            {
                return false;
            }

            // Whichever of the two is wrong: a key that takes over days too early is one that nobody has heard of.
            if (_isOff != !clock.Agrees)
            {
                _isOff = !_isOff;
                Log.ClockChanged(logger, _isOff ? LogLevel.Error : LogLevel.Information, _isOff ? "are too far apart: keys do not rotate here until they agree" : "agree again");
            }

            if (_isOff)
            {
                return true;
            }

            return await AdvanceAllAsync(cancellationToken);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            return true;
        }
        catch (Exception exception)
        {
            // Whatever it was, the next tick runs: without the upkeep this process would go stale without anybody noticing.
            Log.Failed(logger, exception.GetBaseException().Message, KeyStore.IsOutage(exception) ? null : exception);
            return false;
        }
    }

    /// <summary>Reads everything now and then, for what was changed by hand without a word; otherwise only what has changed.</summary>
    private ValueTask<bool> LookAsync(CancellationToken cancellationToken)
    {
        if (clock.GetElapsedTime(_readAt) < _readAgainAfter)
        {
            return ring.LookAsync(cancellationToken);
        }

        _readAt = clock.GetTimestamp();
        _readAgainAfter = TimeSpan.FromSeconds(options.Value.RefreshSeconds) * (1 + (RandomNumberGenerator.GetInt32(200) / 1000.0));
        return ring.ReloadAsync(cancellationToken);
    }

    /// <summary>Somebody who holds a row of one application keeps the others from nothing; false when there was such a one.</summary>
    private async Task<bool> AdvanceAllAsync(CancellationToken cancellationToken)
    {
        var isDone = true;
        foreach (var clientId in ring.NeedingWork(clock.GetUtcNow()).ToList())
        {
            try
            {
                await AdvanceAsync(clientId, cancellationToken);
            }
            catch (Exception exception) when (KeyStore.IsOutage(exception))
            {
                isDone = false;
                Log.FailedFor(logger, clientId, exception.GetBaseException().Message);
                // Perhaps the database is away, for all of them. If it is not, waiting has taken its time, in which nobody has confirmed the keys that sign here.
                if (!await ring.LookAsync(cancellationToken))
                {
                    break;
                }
            }
        }

        return isDone;
    }

    private async Task AdvanceAsync(string clientId, CancellationToken cancellationToken)
    {
        // Whoever holds the lock does what there is to do.
        await using var change = await store.BeginAsync(clientId, register: false, wait: false, cancellationToken);
        if (change?.Plan() is { IsNothing: false } plan)
        {
            await change.ApplyAsync(plan, cancellationToken);
            await effects.CommitAsync(change, plan, KeyChangeCause.Schedule, revokedKid: null, cancellationToken);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "The upkeep of the keys failed and will be tried again: {Reason}")]
        public static partial void Failed(ILogger logger, string reason, Exception? exception);

        [LoggerMessage(EventId = 2, Message = "The clocks of this machine and of the database {State}")]
        public static partial void ClockChanged(ILogger logger, LogLevel level, string state);

        [LoggerMessage(3, LogLevel.Warning, "The upkeep of the keys of {ClientId} failed and will be tried again: {Reason}")]
        public static partial void FailedFor(ILogger logger, string clientId, string reason);
    }
}
