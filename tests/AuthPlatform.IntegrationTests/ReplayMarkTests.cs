using System.Globalization;
using AuthPlatform.Contracts;
using AuthPlatform.IntegrationTests.Infrastructure;
using AuthPlatform.TokenApi.Requests;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using StackExchange.Redis;

namespace AuthPlatform.IntegrationTests;

/// <summary>Since when Redis knows every request, where a clock that was ahead has written that down. Once the clock is right, nobody waits until it would be that late.</summary>
public sealed class ReplayMarkTests(AuthPlatformFixture platform, ReplayDatabase fresh) : IClassFixture<ReplayDatabase>
{
    private const string Key = "replay:since";

    private static readonly IOptions<SignedRequestOptions> Settings = Options.Create(new SignedRequestOptions());

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>Younger than what the same clock made others accept, Redis may not know that: until none of it can come again, it is not believed.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(60 * 24)]
    public async Task Mark_OfHoursAhead_BeginsAnewWhenNothingFromBeforeIsTakenAnyMore(int hoursAhead)
    {
        await using var redis = await ConnectAsync();
        await using var database = await fresh.OpenEmptyAsync(Cancellation);
        // It stands still.
        var clock = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        await WriteAsync(redis, clock.GetUtcNow().AddHours(hoursAhead));
        var table = new ReplayTable(database, Settings, clock);
        var mark = NewMark(redis, table, clock);

        await mark.LearnAsync();

        var written = await ReplayMark.ReadAsync(redis.GetDatabase());
        var later = table.Latest.ToUnixTimeSeconds() + 1;
        // Five minutes of skew, and what clocks may differ by.
        Assert.False(mark.Covers(written, clock.GetUtcNow().ToUnixTimeSeconds() + 330));
        Assert.True(mark.Covers(written, later));
        // Another replica takes it for right.
        var other = NewMark(redis, new ReplayTable(database, Settings, clock), clock);
        await other.LearnAsync();
        Assert.True(other.Covers(written, later));
    }

    /// <summary>Whoever may write there must not be able to keep a Token API from starting.</summary>
    [Theory]
    [InlineData(long.MaxValue)]
    [InlineData(long.MinValue)]
    public async Task Mark_ThatIsNoTime_KeepsNobodyFromLearning(long milliseconds)
    {
        await using var redis = await ConnectAsync();
        await using var database = await fresh.OpenEmptyAsync(Cancellation);
        var clock = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        await WriteAsync(redis, milliseconds);
        var table = new ReplayTable(database, Settings, clock);
        var mark = NewMark(redis, table, clock);

        await mark.LearnAsync();

        Assert.True(mark.Covers(await ReplayMark.ReadAsync(redis.GetDatabase()), table.Latest.ToUnixTimeSeconds() + 1));
    }

    /// <summary>What such a clock let accept is not forgotten yet when its time comes: whoever has it could send it again.</summary>
    [Fact]
    public async Task Mark_AFewMinutesAhead_IsWaitedFor()
    {
        await using var redis = await ConnectAsync();
        await using var database = await fresh.OpenEmptyAsync(Cancellation);
        var clock = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        await WriteAsync(redis, clock.GetUtcNow().AddMinutes(20));
        var written = await ReplayMark.ReadAsync(redis.GetDatabase());
        var mark = NewMark(redis, new ReplayTable(database, Settings, clock), clock);

        await mark.LearnAsync();

        Assert.Equal(written, await ReplayMark.ReadAsync(redis.GetDatabase()));
        Assert.False(mark.Covers(written, clock.GetUtcNow().ToUnixTimeSeconds() + 1190));
        Assert.True(mark.Covers(written, clock.GetUtcNow().ToUnixTimeSeconds() + 1201));
    }

    [Fact]
    public async Task Mark_OfAClockThatIsSetBackLater_IsNotBelievedAnyMore()
    {
        await using var redis = await ConnectAsync();
        await using var database = await fresh.OpenEmptyAsync(Cancellation);
        await redis.GetDatabase().KeyDeleteAsync(Key);
        var clock = new FakeTimeProvider(TimeProvider.System.GetUtcNow().AddHours(9));
        // The database, which was ahead as well, has not told it another time.
        var table = new ReplayTable(database, Settings, clock);
        var mark = NewMark(redis, table, clock);
        await mark.LearnAsync();
        var ahead = await ReplayMark.ReadAsync(redis.GetDatabase());
        Assert.True(mark.Covers(ahead, clock.GetUtcNow().ToUnixTimeSeconds() + 10));
        clock.AdjustTime(TimeProvider.System.GetUtcNow());

        Assert.False(mark.Covers(ahead, clock.GetUtcNow().ToUnixTimeSeconds() + 600));
        await mark.LearnAsync();

        Assert.True(mark.Covers(await ReplayMark.ReadAsync(redis.GetDatabase()), table.Latest.ToUnixTimeSeconds() + 1));
    }

    /// <summary>A machine whose own clock is ahead believes it, and knows from the database how long that would take.</summary>
    [Fact]
    public async Task Settled_WithAMarkOfMonthsAhead_WaitsForSecondsOnly()
    {
        await using var redis = await ConnectAsync();
        await using var database = await fresh.OpenEmptyAsync(Cancellation);
        var clock = new FakeTimeProvider(TimeProvider.System.GetUtcNow().AddDays(60));
        await WriteAsync(redis, clock.GetUtcNow());
        var table = new ReplayTable(database, Settings, clock);
        await table.LearnAsync(Cancellation);

        var settled = NewMark(redis, table, clock).SettledAsync(Cancellation);

        await Eventually.TrueAsync(
            () =>
            {
                clock.Advance(TimeSpan.FromSeconds(5));
                return Task.FromResult(settled.IsCompleted);
            },
            Cancellation);
        await settled;
    }

    [Fact]
    public async Task TokenApi_WithAMarkOfMonthsAhead_Starts()
    {
        const int Database = 13;
        await using var redis = await ConnectAsync(Database);
        await WriteAsync(redis, TimeProvider.System.GetUtcNow().AddDays(60));
        var settings = await new FreshDatabases(platform).MigratedAsync(Cancellation, ResourceNames.AuthDatabase);
        settings["ConnectionStrings__redis"] = await RedisAsync(Database);
        settings["Tokens__PublicUrl"] = "http://localhost";
        settings["services__key-manager__http__0"] = "http://127.0.0.1:1";

        using var tokenApi = await RunningService.ListenAsync("AuthPlatform.TokenApi", settings, Cancellation);

        Assert.Contains(tokenApi.Log, line => line.Contains("marked by a clock that was ahead", StringComparison.Ordinal));
    }

    private static ReplayMark NewMark(ConnectionMultiplexer redis, ReplayTable table, TimeProvider clock) => new(redis, table, clock, NullLogger<ReplayMark>.Instance);

    private static Task WriteAsync(ConnectionMultiplexer redis, DateTimeOffset from) => WriteAsync(redis, from.ToUnixTimeMilliseconds());

    private static async Task WriteAsync(ConnectionMultiplexer redis, long milliseconds)
    {
        var server = await RedisServer.IdentityAsync(redis, Key);
        await redis.GetDatabase().StringSetAsync(Key, string.Create(CultureInfo.InvariantCulture, $"{server}/{milliseconds}"));
    }

    private async Task<ConnectionMultiplexer> ConnectAsync(int database = 12) => await ConnectionMultiplexer.ConnectAsync($"{await RedisAsync(database)},allowAdmin=true");

    /// <summary>Apart from the running platform, which has a mark of its own.</summary>
    private async Task<string> RedisAsync(int database) => $"{await platform.App.GetConnectionStringAsync(ResourceNames.Redis, Cancellation)},defaultDatabase={database}";
}
