using AuthPlatform.Contracts;
using StackExchange.Redis;

namespace AuthPlatform.KeyManager.Keys;

/// <summary>Tells the other replicas and the Token APIs by Redis that keys have changed, and hears it from them. Nothing depends on it: everybody also asks.</summary>
internal sealed partial class KeyChangeMessages(IServiceProvider services, KeyWakeUp wakeUp, KeyRing ring, ILogger<KeyChangeMessages> logger) : BackgroundService
{
    private static readonly RedisChannel Channel = RedisChannel.Literal(KeysChanged.Channel);

    /// <summary>Without Redis configured there is none.</summary>
    private readonly Lazy<ISubscriber?> _subscriber = new(() => services.GetService<IConnectionMultiplexer>()?.GetSubscriber());

    /// <summary>Does not wait: the change is committed, and those who must not miss it ask for it.</summary>
    public void Publish(KeysChanged change) => _ = PublishAsync(change);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        // Connecting may take its time; the host need not wait for it.
        await Task.Yield();
        if (_subscriber.Value is { } subscriber)
        {
            // Once: the subscription is made whenever a connection to Redis is.
            await subscriber.SubscribeAsync(Channel, (_, message) => OnMessage(message), CommandFlags.FireAndForget);
        }
    }

    private void OnMessage(RedisValue message)
    {
        if (KeysChanged.Parse(message) is not { } change || change.Version > ring.Version)
        {
            wakeUp.Wake();
        }
    }

    private async Task PublishAsync(KeysChanged change)
    {
        try
        {
            if (_subscriber.Value is { } subscriber)
            {
                await subscriber.PublishAsync(Channel, change.ToMessage());
            }
        }
        catch (Exception exception) when (exception is RedisException or TimeoutException)
        {
            Log.NotPublished(logger, change.ClientId, exception.Message);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Information, "Redis did not take the message that the keys of {ClientId} have changed: {Reason}. The others will see it when they ask")]
        public static partial void NotPublished(ILogger logger, string clientId, string reason);
    }
}
