using Npgsql;

namespace AuthPlatform.TokenApi.Requests;

/// <summary>Keeps this process informed of rows that others left in <see cref="ReplayTable"/>.</summary>
internal sealed partial class ReplayTableWatch(ReplayTable table, TimeProvider clock, ILogger<ReplayTableWatch> logger) : BackgroundService
{
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(1);

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
        }
        catch (NpgsqlException exception)
        {
            Log.LearnFailed(logger, exception.Message);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "Replay memory in Postgres was not looked at: {Reason}. The next round tries again")]
        public static partial void LearnFailed(ILogger logger, string reason);
    }
}
