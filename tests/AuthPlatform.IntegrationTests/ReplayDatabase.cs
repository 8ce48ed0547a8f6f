using AuthPlatform.Contracts;
using AuthPlatform.IntegrationTests.Infrastructure;
using Npgsql;

namespace AuthPlatform.IntegrationTests;

/// <summary>A database where requests are remembered, for the tests of a class one after the other: a copy for each of them would take longer than most.</summary>
public sealed class ReplayDatabase(AuthPlatformFixture platform) : IAsyncLifetime
{
    private readonly FreshDatabases _databases = new(platform);

    public async ValueTask InitializeAsync() => await _databases.MigratedAsync(TestContext.Current.CancellationToken, ResourceNames.AuthDatabase);

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    /// <summary>Nothing is remembered there.</summary>
    public async Task<NpgsqlDataSource> OpenEmptyAsync(CancellationToken cancellationToken)
    {
        var database = NpgsqlDataSource.Create(await _databases.ConnectionStringAsync(ResourceNames.AuthDatabase, cancellationToken));
        await using var forget = database.CreateCommand("TRUNCATE replay_entries");
        await forget.ExecuteNonQueryAsync(cancellationToken);
        return database;
    }
}
