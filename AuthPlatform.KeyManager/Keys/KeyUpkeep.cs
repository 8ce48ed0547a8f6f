using System.Security.Cryptography;
using Microsoft.Extensions.Options;

namespace AuthPlatform.KeyManager.Keys;

/// <summary>Keeps the key ring up to date and every application complete, from the start on and for as long as the process lives.</summary>
internal sealed partial class KeyUpkeep(KeyRing ring, EnsureKeys ensureKeys, IOptions<KeyOptions> options, TimeProvider clock, ILogger<KeyUpkeep> logger) : BackgroundService
{
    private static readonly TimeSpan AfterFailure = TimeSpan.FromSeconds(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            var succeeded = await TickAsync(stoppingToken);
            await Task.Delay(succeeded ? WithJitter(TimeSpan.FromSeconds(options.Value.RefreshSeconds)) : AfterFailure, clock, stoppingToken)
                .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private static TimeSpan WithJitter(TimeSpan period) => period * (1 + (RandomNumberGenerator.GetInt32(200) / 1000.0));

    private async Task<bool> TickAsync(CancellationToken cancellationToken)
    {
        try
        {
            if (!await ring.RefreshAsync(cancellationToken))
            {
                return false;
            }

            await ensureKeys.CompleteAllAsync(cancellationToken);
            return true;
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

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "The upkeep of the keys failed and will be tried again: {Reason}")]
        public static partial void Failed(ILogger logger, string reason, Exception? exception);
    }
}
