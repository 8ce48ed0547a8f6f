using Npgsql;

namespace AuthPlatform.TokenApi.Requests;

/// <summary>Keeps <see cref="ReplayTable"/> small, and this process informed of rows that others left in it.</summary>
internal sealed partial class ReplaySweeper(ReplayTable table, TimeProvider clock, ILogger<ReplaySweeper> logger) : BackgroundService
{
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(2);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Period, clock);
        do
        {
            await TickAsync(stoppingToken);
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    private async Task TickAsync(CancellationToken cancellationToken)
    {
        try
        {
            await table.LearnAsync(cancellationToken);
            await table.SweepAsync(cancellationToken);
        }
        catch (NpgsqlException exception)
        {
            Log.SweepFailed(logger, exception.Message);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "Replay memory was not swept: {Reason}. The next round tries again")]
        public static partial void SweepFailed(ILogger logger, string reason);
    }
}
