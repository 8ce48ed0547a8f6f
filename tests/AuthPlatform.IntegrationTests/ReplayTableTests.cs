using AuthPlatform.Contracts;
using AuthPlatform.IntegrationTests.Infrastructure;
using AuthPlatform.TokenApi.Requests;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using Npgsql;

namespace AuthPlatform.IntegrationTests;

/// <summary>When a request counts as remembered in PostgreSQL: replicas agree on that, though their clocks differ and they hear of it one after the other.</summary>
public sealed class ReplayTableTests(AuthPlatformFixture platform, ReplayDatabase fresh) : IClassFixture<ReplayDatabase>
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(-14)]
    [InlineData(14)]
    public async Task Now_OnAMachineWhoseClockIsOff_IsTheTimeOfTheDatabase(int seconds)
    {
        await using var database = NpgsqlDataSource.Create((await platform.App.GetConnectionStringAsync(ResourceNames.AuthDatabase, Cancellation))!);
        var table = NewTable(database, new FakeTimeProvider(TimeProvider.System.GetUtcNow().AddSeconds(seconds)));
        var before = TimeProvider.System.GetUtcNow();

        await table.LearnAsync(Cancellation);

        Assert.InRange(table.Now, before, TimeProvider.System.GetUtcNow());
    }

    /// <summary>Until all others have heard of it and write there too, one of them may tell Redis alone.</summary>
    [Fact]
    public async Task Table_ThatWasAnnounced_KnowsAllOnlyOfSomeSecondsLater()
    {
        await using var database = await fresh.OpenEmptyAsync(Cancellation);
        // Its clock stands still.
        var table = NewTable(database, new FakeTimeProvider(TimeProvider.System.GetUtcNow()));
        await table.LearnAsync(Cancellation);
        var now = table.Now.ToUnixTimeSeconds();
        Assert.False(table.KnowsAll(now + 5));

        await table.AnnounceAsync(Cancellation);

        Assert.False(table.KnowsAll(now + 4));
        Assert.True(table.KnowsAll(now + 5));
    }

    /// <summary>Another replica may have announced it meanwhile: who has not looked lately writes there too.</summary>
    [Fact]
    public async Task Table_OfWhichNothingWasHeardLately_CountsAsUsed()
    {
        await using var database = await fresh.OpenEmptyAsync(Cancellation);
        var clock = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        var table = NewTable(database, clock);
        Assert.True(table.IsUsed);

        await table.LearnAsync(Cancellation);
        clock.Advance(TimeSpan.FromSeconds(2));
        Assert.False(table.IsUsed);
        clock.Advance(TimeSpan.FromSeconds(1));
        Assert.True(table.IsUsed);
    }

    /// <summary>By such a clock it was heard of in the future, and that would stay fresh for long.</summary>
    [Fact]
    public async Task Table_WhoseClockWasSetBackSince_CountsAsUsed()
    {
        await using var database = await fresh.OpenEmptyAsync(Cancellation);
        var clock = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        var table = NewTable(database, clock);
        await table.LearnAsync(Cancellation);

        clock.AdjustTime(clock.GetUtcNow().AddHours(-1));

        Assert.True(table.IsUsed);
    }

    /// <summary>Who has not heard yet that it is to go on stops writing there at its end, and tells Redis alone.</summary>
    [Theory]
    [InlineData(3.5, true)]
    [InlineData(2.5, false)]
    [InlineData(1.3, false)]
    public async Task Table_AnnouncedAgainBeforeItsEnd_StillKnowsAllIfTheOthersHearOfItInTime(double secondsBefore, bool knowsAll)
    {
        await using var database = await fresh.OpenEmptyAsync(Cancellation);
        var clock = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        var table = NewTable(database, clock);
        await table.LearnAsync(Cancellation);
        await table.AnnounceAsync(Cancellation);
        await using var command = database.CreateCommand("SELECT expires_at FROM replay_entries");
        var end = (DateTime)(await command.ExecuteScalarAsync(Cancellation))!;
        clock.Advance(end - table.Now.UtcDateTime - TimeSpan.FromSeconds(secondsBefore));
        var now = table.Now.ToUnixTimeSeconds();

        await table.AnnounceAsync(Cancellation);

        Assert.Equal(knowsAll, table.KnowsAll(now));
        Assert.True(table.KnowsAll(now + 5));
    }

    /// <summary>Once all write there, what counts is which timestamps anybody can have taken before.</summary>
    [Fact]
    public async Task Table_AnnouncedByAClockThatWasAhead_KnowsAllThatNobodyCanHaveTakenBefore()
    {
        await using var database = await fresh.OpenEmptyAsync(Cancellation);
        var clock = new FakeTimeProvider(TimeProvider.System.GetUtcNow().AddHours(1));
        var table = NewTable(database, clock);
        // The database has not told it the time yet.
        await table.AnnounceAsync(Cancellation);
        clock.AdjustTime(TimeProvider.System.GetUtcNow());

        await table.LearnAsync(Cancellation);

        // Five minutes of skew, and what clocks may differ by.
        Assert.False(table.KnowsAll(clock.GetUtcNow().ToUnixTimeSeconds() + 330));
        Assert.True(table.KnowsAll(table.Latest.ToUnixTimeSeconds() + 1));
    }

    /// <summary>While a standby takes over, an address may lead to a server that only reads; connections of then would stay with it.</summary>
    [Fact]
    public async Task Table_WhoseConnectionsOnlyRead_LeavesThemByItself()
    {
        var databases = new FreshDatabases(platform);
        await databases.MigratedAsync(Cancellation, ResourceNames.AuthDatabase);
        var login = await databases.ConnectionStringAsync(ResourceNames.AuthDatabase, Cancellation);
        await AlterAsync(login, "SET default_transaction_read_only = on");
        await using var database = NpgsqlDataSource.Create(login);
        var table = NewTable(database, TimeProvider.System);
        await table.LearnAsync(Cancellation);
        await AlterAsync(login, "RESET default_transaction_read_only");

        await table.AnnounceAsync(Cancellation);

        Assert.True(table.KnowsAll(table.Now.ToUnixTimeSeconds() + 60));
    }

    /// <summary>From another database: in this one it would be forbidden.</summary>
    private static async Task AlterAsync(string login, string change)
    {
        var settings = new NpgsqlConnectionStringBuilder(login) { Pooling = false };
        var name = settings.Database;
        settings.Database = "postgres";
        await using var connection = new NpgsqlConnection(settings.ConnectionString);
        await connection.OpenAsync(Cancellation);
        await using var command = new NpgsqlCommand($"ALTER DATABASE \"{name}\" {change}", connection);
        await command.ExecuteNonQueryAsync(Cancellation);
    }

    private static ReplayTable NewTable(NpgsqlDataSource database, TimeProvider clock) => new(database, Options.Create(new SignedRequestOptions()), clock);
}
