using AuthPlatform.Contracts;
using StackExchange.Redis;

namespace AuthPlatform.TokenApi.Keys;

/// <summary>
/// Hears of changes of keys: at once by a message of Redis, and in any case by asking the Key Manager twice a second. While neither answers, nothing is known: the keys
/// that are known stay in use.
/// </summary>
internal sealed partial class KeyFollower(KeyManagerClient keyManager, IConnectionMultiplexer redis, KeyNews news, TimeProvider clock, ILogger<KeyFollower> logger) : BackgroundService
{
    private static readonly TimeSpan Period = TimeSpan.FromMilliseconds(500);
    private static readonly RedisChannel Channel = RedisChannel.Literal(KeysChanged.Channel);

    private bool _isAnswered = true;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        // Once: the subscription is made whenever a connection to Redis is.
        await redis.GetSubscriber().SubscribeAsync(Channel, (_, message) => OnMessage(message), CommandFlags.FireAndForget);
        using var timer = new PeriodicTimer(Period, clock);
        do
        {
            await AskAsync(stoppingToken);
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    private void OnMessage(RedisValue message)
    {
        if (KeysChanged.Parse(message) is { } change)
        {
            news.Take(change);
        }
    }

    private async Task AskAsync(CancellationToken cancellationToken)
    {
        try
        {
            news.Take(await keyManager.ReadChangesAsync(cancellationToken));
            _isAnswered = true;
        }
        catch (HttpRequestException exception)
        {
            if (_isAnswered)
            {
                Log.NotAnswered(logger, exception.Message);
            }

            _isAnswered = false;
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "The Key Manager does not say whether keys have changed: {Reason}. Those that are known stay in use")]
        public static partial void NotAnswered(ILogger logger, string reason);
    }
}
