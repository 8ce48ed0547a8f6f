using AuthPlatform.Contracts;
using StackExchange.Redis;

namespace AuthPlatform.TokenApi.Requests;

/// <summary>Hears from whoever changes an application. A message that is lost costs seconds: snapshots grow old by themselves.</summary>
internal sealed class ApplicationChangeListener(IConnectionMultiplexer redis, ApplicationSnapshots applications) : IHostedService
{
    private static readonly RedisChannel Channel = RedisChannel.Literal(ApplicationChanges.Channel);

    /// <summary>The subscription is made, and made again, whenever Redis is there; starting does not wait for it.</summary>
    public Task StartAsync(CancellationToken cancellationToken) =>
        redis.GetSubscriber().SubscribeAsync(Channel, (_, clientId) => applications.Outdate(clientId.ToString()), CommandFlags.FireAndForget);

    public Task StopAsync(CancellationToken cancellationToken) => redis.GetSubscriber().UnsubscribeAsync(Channel, flags: CommandFlags.FireAndForget);
}
