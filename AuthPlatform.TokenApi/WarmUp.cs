using System.Data.Common;
using AuthPlatform.TokenApi.Requests;
using StackExchange.Redis;

namespace AuthPlatform.TokenApi;

/// <summary>
/// Opens connections and builds models before the first request is let in, which would otherwise wait more than a second for them. A store that is away is
/// no reason not to start.
/// </summary>
internal sealed partial class WarmUp(ApplicationSnapshots applications, ReplayTable replayTable, IServiceProvider services, ILogger<WarmUp> logger) : IHostedService
{
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        try
        {
            await applications.FindAsync("warm-up", cancellationToken);
            await replayTable.LearnAsync(cancellationToken);
            await services.GetRequiredService<IConnectionMultiplexer>().GetDatabase().PingAsync().WaitAsync(TimeSpan.FromSeconds(2), cancellationToken);
        }
        catch (Exception exception) when (exception is DbException or RedisException or TimeoutException or InvalidOperationException { InnerException: DbException })
        {
            Log.StoreAway(logger, exception.Message);
        }
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "A store does not answer yet: {Reason}")]
        public static partial void StoreAway(ILogger logger, string reason);
    }
}
