using AuthPlatform.IntegrationTests.Infrastructure;
using Microsoft.EntityFrameworkCore;

namespace AuthPlatform.IntegrationTests.Hosting;

/// <summary>What AppHost.cs says on a store's command line.</summary>
public sealed class StoreArgumentsTests(AuthPlatformFixture platform)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Postgres_OfTheAppHost_TakesConnectionsOfTestsAndToolsToo()
    {
        await using var database = await platform.OpenAuthDatabaseAsync(Cancellation);
        Assert.Equal("200", await database.Database.SqlQuery<string>($"SELECT current_setting('max_connections') AS \"Value\"").SingleAsync(Cancellation));
    }
}
