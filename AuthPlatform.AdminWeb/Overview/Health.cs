using System.Data.Common;
using System.Diagnostics;
using AuthPlatform.Contracts;
using Npgsql;
using StackExchange.Redis;

namespace AuthPlatform.AdminWeb.Overview;

/// <summary>Asks what the platform stands on whether it answers, and how fast.</summary>
internal sealed class Health(NpgsqlDataSource dataSource, IConnectionMultiplexer redis, KeyManagerClient keyManager)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    /// <summary>The state of each, and the keys that are due, which the Key Manager's answer is.</summary>
    public async Task<(IReadOnlyList<ServiceHealth> Services, IReadOnlyList<KeyDue> Due)> AskAsync(CancellationToken cancellationToken)
    {
        var due = default(KeysDue);
        var answers = await Task.WhenAll(
            TimeAsync("PostgreSQL", async () =>
            {
                await using var command = dataSource.CreateCommand("SELECT 1");
                await command.ExecuteScalarAsync(cancellationToken);
                return true;
            }),
            TimeAsync("Redis", async () =>
            {
                await redis.GetDatabase().PingAsync();
                return true;
            }),
            TimeAsync("Key Manager", async () => (due = (await keyManager.ListDueAsync(cancellationToken)).Due) is not null));
        return (answers, due?.Applications ?? []);
    }

    private static async Task<ServiceHealth> TimeAsync(string name, Func<Task<bool>> ask)
    {
        var began = Stopwatch.GetTimestamp();
        try
        {
            return new ServiceHealth(name, await ask().WaitAsync(Patience) ? Stopwatch.GetElapsedTime(began) : null);
        }
        catch (Exception exception) when (exception is DbException or RedisException or TimeoutException)
        {
            return new ServiceHealth(name, null);
        }
    }
}

/// <summary>Whether something answers.</summary>
/// <param name="Name">What.</param>
/// <param name="Took">How long its answer took; null when there was none.</param>
internal sealed record ServiceHealth(string Name, TimeSpan? Took);
