using System.Globalization;
using AuthPlatform.Cli.Running;
using AuthPlatform.Contracts;
using Microsoft.Extensions.DependencyInjection;
using StackExchange.Redis;

namespace AuthPlatform.Cli.Doctor;

/// <summary>Whether Redis answers, and keeps what it is given. The platform works without it, more slowly.</summary>
internal static class RedisCheck
{
    public static async Task<CheckResult> RunAsync(Invocation invocation)
    {
        if (!invocation.Has(ResourceNames.Redis))
        {
            return new CheckResult("redis", CheckStatus.Warn, "no connection string", "Set ConnectionStrings__redis, or the services hear of changes made here only after 15 s.");
        }

        try
        {
            var redis = invocation.Services.GetRequiredService<IConnectionMultiplexer>().GetDatabase();
            var latency = await redis.PingAsync();
            if (await InfoAsync(redis, "server") is (_, { } refusal))
            {
                return new CheckResult("redis", CheckStatus.Fail, $"refuses INFO: {refusal}", "Allow it: without it nobody can tell whether Redis has lost what it knew, and PostgreSQL does its work.");
            }

            if (Eviction((await InfoAsync(redis, "memory")).Text) is { } policy)
            {
                return new CheckResult("redis", CheckStatus.Warn, $"throws keys away when its memory is full (maxmemory-policy {policy}), revocations among them", "Set maxmemory-policy to noeviction.");
            }

            return new CheckResult("redis", CheckStatus.Ok, string.Create(CultureInfo.InvariantCulture, $"answers in {latency.TotalMilliseconds:0.0} ms"));
        }
        catch (Exception exception) when (Runner.RedisOutage(exception) is not null)
        {
            return new CheckResult("redis", CheckStatus.Fail, Runner.RedisOutage(exception)!, "Start Redis or correct ConnectionStrings__redis. Until then used requests are remembered in PostgreSQL.");
        }
    }

    /// <summary>By which policy a Redis throws keys away that have not expired; null when it does not, when its memory is not limited, and when it does not say.</summary>
    internal static string? Eviction(string info)
    {
        return Field("maxmemory") is not (null or "0") && Field("maxmemory_policy") is { } policy and not "noeviction" ? policy : null;

        string? Field(string name) => info.Split('\n', StringSplitOptions.TrimEntries).FirstOrDefault(line => line.StartsWith($"{name}:", StringComparison.Ordinal))?[(name.Length + 1)..];
    }

    private static async Task<(string Text, string? Refusal)> InfoAsync(IDatabase redis, string section)
    {
        try
        {
            return ((string?)await redis.ExecuteAsync("INFO", section) ?? "", null);
        }
        catch (RedisServerException refusal)
        {
            return ("", refusal.Message);
        }
    }
}
