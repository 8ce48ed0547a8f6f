using AuthPlatform.Contracts;
using AuthPlatform.IntegrationTests.Infrastructure;
using AuthPlatform.TokenApi.Requests;
using Microsoft.Extensions.Time.Testing;
using Npgsql;

namespace AuthPlatform.IntegrationTests;

/// <summary>Replicas whose clocks differ agree on when a request counts as remembered in PostgreSQL.</summary>
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
}
