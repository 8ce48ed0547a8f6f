using StackExchange.Redis;

namespace AuthPlatform.TokenApi.Requests;

/// <summary>The server behind the connection.</summary>
internal static class RedisServer
{
    /// <summary>What tells one run of it from the next (<c>run_id</c>), and a server from its copy.</summary>
    public static async Task<string> IdentityAsync(IDatabase redis)
    {
        var info = (string?)await redis.ExecuteAsync("INFO", "server") ?? string.Empty;
        return info.Split('\n').FirstOrDefault(line => line.StartsWith("run_id:", StringComparison.Ordinal))?.Trim() ?? string.Empty;
    }
}
