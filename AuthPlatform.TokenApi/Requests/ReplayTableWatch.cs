using System.Data.Common;

namespace AuthPlatform.TokenApi.Requests;

/// <summary>Keeps this process informed of rows that others left in <see cref="ReplayTable"/>.</summary>
internal sealed partial class ReplayTableWatch(ReplayTable table, TimeProvider clock, ILogger<ReplayTableWatch> logger) : BackgroundService
{
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(1);

    private bool _failed;

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
            _failed = false;
        }
        catch (Exception exception) when (exception is DbException or TimeoutException)
        {
            if (!_failed)
            {
                Log.LearnFailed(logger, exception.Message);
                _failed = true;
            }
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "Replay memory in Postgres was not looked at: {Reason}. It is tried again every second")]
        public static partial void LearnFailed(ILogger logger, string reason);
    }
}
