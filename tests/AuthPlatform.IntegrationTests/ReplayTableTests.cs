using AuthPlatform.Contracts;
using AuthPlatform.IntegrationTests.Infrastructure;
using AuthPlatform.TokenApi.Requests;
using Microsoft.Extensions.Time.Testing;
using Npgsql;

namespace AuthPlatform.IntegrationTests;

/// <summary>When a request counts as remembered in PostgreSQL: replicas agree on that, though their clocks differ and they hear of it one after the other.</summary>
public sealed class ReplayTableTests(AuthPlatformFixture platform)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(-14)]
    [InlineData(14)]
    public async Task Now_OnAMachineWhoseClockIsOff_IsTheTimeOfTheDatabase(int seconds)
    {
        await using var database = NpgsqlDataSource.Create((await platform.App.GetConnectionStringAsync(ResourceNames.AuthDatabase, Cancellation))!);
        var table = new ReplayTable(database, new FakeTimeProvider(TimeProvider.System.GetUtcNow().AddSeconds(seconds)));
        var before = TimeProvider.System.GetUtcNow();

        await table.LearnAsync(Cancellation);

        Assert.InRange(table.Now, before, TimeProvider.System.GetUtcNow());
    }

    /// <summary>Until all others have heard of it and write there too, one of them may tell Redis alone.</summary>
    [Fact]
    public async Task Table_ThatWasAnnounced_KnowsAllOnlyOfSomeSecondsLater()
    {
        await using var database = await OpenFreshAsync();
        // Its clock stands still.
        var table = new ReplayTable(database, new FakeTimeProvider(TimeProvider.System.GetUtcNow()));
        await table.LearnAsync(Cancellation);
        var now = table.Now.ToUnixTimeSeconds();
        Assert.False(table.KnowsAll(now + 5));

        await table.AnnounceAsync(TimeSpan.FromMinutes(10), Cancellation);

        Assert.False(table.KnowsAll(now + 4));
        Assert.True(table.KnowsAll(now + 5));
    }

    /// <summary>Another replica may have announced it meanwhile: who has not looked lately writes there too.</summary>
    [Fact]
    public async Task Table_OfWhichNothingWasHeardLately_CountsAsUsed()
    {
        await using var database = await OpenFreshAsync();
        var clock = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        var table = new ReplayTable(database, clock);
        Assert.True(table.IsUsed);

        await table.LearnAsync(Cancellation);
        clock.Advance(TimeSpan.FromSeconds(2));
        Assert.False(table.IsUsed);
        clock.Advance(TimeSpan.FromSeconds(1));
        Assert.True(table.IsUsed);
    }

    private async Task<NpgsqlDataSource> OpenFreshAsync()
    {
        var databases = new FreshDatabases(platform);
        await databases.MigratedAsync(Cancellation);
        return NpgsqlDataSource.Create(await databases.ConnectionStringAsync(ResourceNames.AuthDatabase, Cancellation));
    }
}
