using StackExchange.Redis;

namespace AuthPlatform.TokenApi.Requests;

/// <summary>The servers behind the connection.</summary>
internal static class RedisServer
{
    /// <summary>What tells one run of the server that has a key from the next (<c>run_id</c>), and a server from its copy. In a cluster, others have other keys.</summary>
    /// <exception cref="RedisException">There is no connection, or the server refuses to say.</exception>
    public static async Task<string> IdentityAsync(IConnectionMultiplexer redis, RedisKey key)
    {
        var info = (string?)await Of(redis, key).ExecuteAsync("INFO", "server") ?? string.Empty;
        return info.Split('\n').FirstOrDefault(line => line.StartsWith("run_id:", StringComparison.Ordinal))?.Trim() ?? string.Empty;
    }

    /// <summary>The time of the server that has a key.</summary>
    /// <exception cref="RedisException">There is no connection, or the server refuses to say.</exception>
    public static async Task<DateTimeOffset> TimeAsync(IConnectionMultiplexer redis, RedisKey key) => new(await Of(redis, key).TimeAsync(), TimeSpan.Zero);

    private static IServer Of(IConnectionMultiplexer redis, RedisKey key)
    {
        try
        {
            return redis.GetServer(key);
        }
        catch (InvalidOperationException exception)
        {
            // The client's word for an outage, when it is asked for a server and not for an answer.
            throw new RedisException(exception.Message, exception);
        }
    }
}
