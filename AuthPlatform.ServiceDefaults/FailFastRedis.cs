using AuthPlatform.Contracts;
using Microsoft.Extensions.Hosting;
using StackExchange.Redis;

namespace AuthPlatform.ServiceDefaults;

/// <summary>Redis as services use it that can do without: while it is away, what they ask fails at once, and they can start; once it is back, they have it within a second or so.</summary>
public static class FailFastRedis
{
    /// <summary>Registers <see cref="IConnectionMultiplexer"/>, which is no condition of being ready.</summary>
    /// <param name="builder">The service's.</param>
    /// <param name="more">What only this service needs.</param>
    public static void AddFailFastRedisClient(this IHostApplicationBuilder builder, Action<ConfigurationOptions>? more = null) =>
        builder.AddRedisClient(
            ResourceNames.Redis,
            configureSettings: settings => settings.DisableHealthChecks = true,
            configureOptions: redis =>
            {
                Configure(redis);
                more?.Invoke(redis);
            });

    internal static void Configure(ConfigurationOptions redis)
    {
        redis.AbortOnConnectFail = false;
        redis.BacklogPolicy = BacklogPolicy.FailFast;
        redis.ConnectTimeout = 1000;
        // By default it tries less and less often, and has Redis up to ten seconds after it is back.
        redis.ReconnectRetryPolicy = new LinearRetry(1000);
    }
}
