using System.Globalization;
using AuthPlatform.Cli.Running;
using AuthPlatform.Contracts;
using Microsoft.Extensions.DependencyInjection;
using StackExchange.Redis;

namespace AuthPlatform.Cli.Doctor;

/// <summary>Whether Redis answers. The platform works without it, more slowly.</summary>
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
            if (await RefusalOfInfoAsync(redis) is { } refusal)
            {
                return new CheckResult("redis", CheckStatus.Fail, $"refuses INFO: {refusal}", "Allow it: without it nobody can tell whether Redis has lost what it knew, and PostgreSQL does its work.");
            }

            return new CheckResult("redis", CheckStatus.Ok, string.Create(CultureInfo.InvariantCulture, $"answers in {latency.TotalMilliseconds:0.0} ms"));
        }
        catch (Exception exception) when (exception is RedisException or TimeoutException)
        {
            // Not the exception's message: it repeats the whole configuration.
            return new CheckResult("redis", CheckStatus.Fail, "does not answer", "Start Redis or correct ConnectionStrings__redis. Until then used requests are remembered in PostgreSQL.");
        }
    }

    private static async Task<string?> RefusalOfInfoAsync(IDatabase redis)
    {
        try
        {
            await redis.ExecuteAsync("INFO", "server");
            return null;
        }
        catch (RedisServerException refusal)
        {
            return refusal.Message;
        }
    }
}
