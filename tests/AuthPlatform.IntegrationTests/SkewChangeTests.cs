using System.Security.Cryptography;
using System.Text.RegularExpressions;
using AuthPlatform.Contracts;
using AuthPlatform.IntegrationTests.Deployment;
using AuthPlatform.IntegrationTests.Infrastructure;
using AuthPlatform.TokenApi.Requests;
using Microsoft.Extensions.Time.Testing;
using Npgsql;
using StackExchange.Redis;

namespace AuthPlatform.IntegrationTests;

/// <summary>The change to a larger <c>SignedRequests:SkewSeconds</c> as docs/operations.md has it: nothing that was used with the smaller one is taken again.</summary>
public sealed partial class SkewChangeTests(AuthPlatformFixture platform)
{
    private const int Largest = 900;

    private static readonly int[] Smaller = [30, 300, 850];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>Signed as far ahead as was taken, and sent again as late as is taken now.</summary>
    [Fact]
    public async Task Request_AheadOfTheClock_IsRememberedUntilNobodyTakesItAnyMore()
    {
        var databases = new FreshDatabases(platform);
        await databases.MigratedAsync(Cancellation, ResourceNames.AuthDatabase);
        await using var database = NpgsqlDataSource.Create(await databases.ConnectionStringAsync(ResourceNames.AuthDatabase, Cancellation));
        var used = Smaller.ToDictionary(skew => skew, _ => RandomNumberGenerator.GetBytes(SHA256.HashSizeInBytes));
        var start = TimeProvider.System.GetUtcNow();
        foreach (var (skew, key) in used)
        {
            Assert.Equal(ReplayOutcome.New, await RememberAsync(database, key, skew, start));
        }

        await using (var prolong = database.CreateCommand(Statement().Match(Repository.Read("docs/operations.md")).Value))
        {
            await prolong.ExecuteNonQueryAsync(Cancellation);
        }

        foreach (var (skew, key) in used)
        {
            Assert.Equal(ReplayOutcome.Repeated, await RememberAsync(database, key, Largest, start.AddSeconds(skew + Largest)));
        }
    }

    /// <summary>What Token APIs do that find none: <see cref="ReplayMarkTests"/>.</summary>
    [Fact]
    public async Task Mark_ThatIsTakenAway_IsTheOneThatTokenApisRead()
    {
        // Apart from the running platform, which goes on.
        await using var redis = await ConnectionMultiplexer.ConnectAsync($"{await platform.App.GetConnectionStringAsync(ResourceNames.Redis, Cancellation)},defaultDatabase=8");
        await redis.GetDatabase().StringSetAsync(Deleted().Match(Repository.Read("docs/operations.md")).Groups[1].Value, "this one");

        Assert.Equal("this one", (await ReplayMark.ReadAsync(redis.GetDatabase())).ToString());
    }

    private static Task<ReplayOutcome> RememberAsync(NpgsqlDataSource database, byte[] key, int skew, DateTimeOffset now) =>
        new ReplayRows(database, new FakeTimeProvider(now)).RememberAsync(key, SignedEndpoint.Token, new SignedRequestOptions { SkewSeconds = skew }.ReplayMemory);

    [GeneratedRegex("UPDATE replay_entries [^;]+;")]
    private static partial Regex Statement();

    [GeneratedRegex("^ *redis-cli .* del (.+)$", RegexOptions.Multiline)]
    private static partial Regex Deleted();
}
