using Aspire.StackExchange.Redis;
using AuthPlatform.ServiceDefaults.Stores;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using StackExchange.Redis;

namespace Microsoft.Extensions.Hosting;

/// <summary>The twin of Aspire's Redis client integration (package Aspire.StackExchange.Redis), without its health check.</summary>
public static class RedisClientExtensions
{
    /// <summary>Registers <see cref="IConnectionMultiplexer"/> for <c>ConnectionStrings:{connectionName}</c>; it connects on first use.</summary>
    public static void AddRedisClient(
        this IHostApplicationBuilder builder,
        string connectionName,
        Action<StackExchangeRedisSettings>? configureSettings = null,
        Action<ConfigurationOptions>? configureOptions = null)
    {
        configureSettings?.Invoke(new StackExchangeRedisSettings());
        var connectionString = builder.RequireRedis(connectionName);
        builder.Services.AddSingleton<IConnectionMultiplexer>(services =>
        {
            var options = ConfigurationOptions.Parse(connectionString);
            configureOptions?.Invoke(options);
            options.LoggerFactory ??= services.GetService<ILoggerFactory>();
            return ConnectionMultiplexer.Connect(options);
        });
    }
}
