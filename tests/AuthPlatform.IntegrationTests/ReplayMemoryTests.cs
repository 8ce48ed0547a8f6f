using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using AuthPlatform.IntegrationTests.Infrastructure;
using AuthPlatform.TokenApi.Requests;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using Npgsql;
using StackExchange.Redis;

namespace AuthPlatform.IntegrationTests;

/// <summary>A used request is remembered for as long as it could be taken again, and what could be older than that is taken by nobody.</summary>
public sealed class ReplayMemoryTests(AuthPlatformFixture platform)
{
    private const int RedisDatabase = 15;

    /// <summary>Twice the skew of five minutes, and forty seconds for clocks that differ.</summary>
    private static readonly TimeSpan Memory = TimeSpan.FromSeconds(640);

    /// <summary>It stands still.</summary>
    private readonly FakeTimeProvider _clock = new(DateTimeOffset.FromUnixTimeSeconds(SignedRequests.Now()));

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>In the table too while somebody may do without Redis, and always when it is signed by a clock that is ahead.</summary>
    [Fact]
    public async Task Request_ThatIsAccepted_IsRememberedInBothMemoriesForAsLongAsItsTimestampIsGood()
    {
        await using var replica = await ReplicaAsync();
        var redis = replica.Services.GetRequiredService<IConnectionMultiplexer>().GetDatabase();
        foreach (var secondsAhead in new[] { 0, 10 })
        {
            var nonce = SignedRequests.Nonce();
            Assert.Equal(ReplayOutcome.New, await RememberAsync(replica, _clock.GetUtcNow().ToUnixTimeSeconds() + secondsAhead, nonce));

            // As replicas of other versions know it.
            var key = SHA256.HashData(Encoding.ASCII.GetBytes($"{platform.Bootstrap.ClientId}\n2\n{nonce}\n"));
            var left = await redis.KeyTimeToLiveAsync(((RedisKey)"replay:").Append(key));
            Assert.InRange(left ?? TimeSpan.Zero, Memory - TimeSpan.FromSeconds(30), Memory);
            await using var command = replica.Services.GetRequiredService<NpgsqlDataSource>().CreateCommand("SELECT expires_at FROM replay_entries WHERE key = $1");
            command.Parameters.Add(new NpgsqlParameter<byte[]> { TypedValue = key });
            Assert.Equal((_clock.GetUtcNow() + Memory).UtcDateTime, (DateTime)(await command.ExecuteScalarAsync(Cancellation))!);
        }
    }

    /// <summary>
    /// A machine that stood still for ten minutes and goes on where it was takes requests of then for new, of which nobody knows any more whether they were used. If it is the
    /// database's clock that is wrong, and not this machine's, that of Redis tells.
    /// </summary>
    [Fact]
    public async Task Request_OfAnotherTimeThanThatOfBothStores_IsNotTakenForNew()
    {
        await using var replica = await ReplicaAsync();
        // By how many seconds this machine's clock is off when it is compared with the database's, and afterwards, and the timestamp.
        (int Compared, int Afterwards, int Signed, ReplayOutcome Expected)[] requests =
        [
            (-600, -600, -600, ReplayOutcome.Unknown),
            (-600, -600, -345, ReplayOutcome.Unknown),
            (-600, -600, -290, ReplayOutcome.New),
            (600, 600, 300, ReplayOutcome.New),
            (600, 600, 345, ReplayOutcome.Unknown),
            // Set right meanwhile: it looks as if the database's were off.
            (-600, 0, 0, ReplayOutcome.New),
            (600, 0, 0, ReplayOutcome.New),
        ];
        foreach (var (compared, afterwards, signed, expected) in requests)
        {
            var now = TimeProvider.System.GetUtcNow();
            _clock.AdjustTime(now.AddSeconds(compared));
            await replica.Services.GetRequiredService<ReplayTable>().LearnAsync(Cancellation);
            _clock.AdjustTime(now.AddSeconds(afterwards));

            var outcome = await RememberAsync(replica, now.ToUnixTimeSeconds() + signed, SignedRequests.Nonce());

            Assert.Equal((compared, afterwards, signed, expected), (compared, afterwards, signed, outcome));
        }
    }

    private async Task<ReplayOutcome> RememberAsync(WebApplication replica, long timestamp, string nonce)
    {
        var application = await replica.Services.GetRequiredService<ApplicationSnapshots>().FindAsync(platform.Bootstrap.ClientId, Cancellation);
        Assert.NotNull(application);
        var headers = new SignatureHeaders(platform.Bootstrap.ClientId, 2, timestamp.ToString(CultureInfo.InvariantCulture), nonce, []);
        return await replica.Services.GetRequiredService<ReplayGuard>().RememberAsync(application, headers, timestamp, SignedEndpoint.Verify, Cancellation);
    }

    /// <summary>With a Redis that has known everything for an hour: none of its answers is doubted for another reason.</summary>
    private async Task<WebApplication> ReplicaAsync()
    {
        var replica = await platform.BuildTokenApiAsync(_clock, Cancellation, RedisDatabase);
        var redis = replica.Services.GetRequiredService<IConnectionMultiplexer>();
        var (server, since) = (await RedisServer.IdentityAsync(redis, "replay:since"), _clock.GetUtcNow().AddHours(-1).ToUnixTimeMilliseconds());
        await redis.GetDatabase().StringSetAsync("replay:since", string.Create(CultureInfo.InvariantCulture, $"{server}/{since}"));
        return replica;
    }
}
