using System.Net;
using AuthPlatform.Contracts;
using AuthPlatform.IntegrationTests.Infrastructure;
using Npgsql;

namespace AuthPlatform.IntegrationTests;

/// <summary>
/// While a standby takes over, an address may lead to one that only reads, and connections to that one go on when the address leads elsewhere. Here the connections that are made
/// for a while only read, and do so for as long as they are kept.
/// </summary>
public sealed class ReadOnlyDatabaseTests(AuthPlatformFixture platform)
{
    private static readonly string[] Databases = [ResourceNames.AuthDatabase, ResourceNames.KeysDatabase];

    private readonly FreshDatabases _databases = new(platform);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Services_WhoseConnectionsOnlyRead_AreNotReadyAndLeaveThemByThemselves()
    {
        var settings = await _databases.MigratedAsync(Cancellation);
        // Apart from the running platform, which knows other revocations.
        settings["ConnectionStrings__redis"] = $"{await platform.App.GetConnectionStringAsync(ResourceNames.Redis, Cancellation)},defaultDatabase=11";
        settings["Tokens__PublicUrl"] = "http://localhost";
        settings["Admin__PublicUrl"] = "http://localhost";
        await AlterAsync("SET default_transaction_read_only = on");
        using var keyManager = await RunningService.ListenAsync("AuthPlatform.KeyManager", settings, Cancellation);
        settings["services__key-manager__http__0"] = keyManager.Http.BaseAddress!.ToString();
        using var tokenApi = await RunningService.ListenAsync("AuthPlatform.TokenApi", settings, Cancellation);
        using var adminWeb = await RunningService.ListenAsync("AuthPlatform.AdminWeb", settings, Cancellation);
        RunningService[] services = [keyManager, tokenApi, adminWeb];
        foreach (var service in services)
        {
            using var answer = await service.Http.GetAsync(new Uri("/health/ready", UriKind.Relative), Cancellation);
            Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.StatusCode);
            Assert.Contains("\"PostgreSql\"", await answer.Content.ReadAsStringAsync(Cancellation), StringComparison.Ordinal);
            // The log is read by the way.
            await Eventually.TrueAsync(() => Task.FromResult(service.Log.Any(line => line.Contains("The database takes no writes", StringComparison.Ordinal))), Cancellation);
        }

        await AlterAsync("RESET default_transaction_read_only");

        foreach (var service in services)
        {
            await Eventually.TrueAsync(() => service.IsReadyAsync(Cancellation), Cancellation);
        }

        var application = new TestApplication(FreshDatabases.ClientId, FreshDatabases.ClientSecret);
        var (status, _) = await AuthPlatformFixture.SendFreshAsync(
            tokenApi.Http, () => SignedRequests.V2(application, "/auth/token", SignedRequests.TokenBody(SignedRequests.NewUser())), Cancellation);
        Assert.Equal(HttpStatusCode.OK, status);
    }

    /// <summary>From another database: in these it would be forbidden.</summary>
    private async Task AlterAsync(string change)
    {
        foreach (var database in Databases)
        {
            var settings = new NpgsqlConnectionStringBuilder(await _databases.ConnectionStringAsync(database, Cancellation)) { Pooling = false };
            var name = settings.Database;
            settings.Database = "postgres";
            await using var connection = new NpgsqlConnection(settings.ConnectionString);
            await connection.OpenAsync(Cancellation);
            await using var command = new NpgsqlCommand($"ALTER DATABASE \"{name}\" {change}", connection);
            await command.ExecuteNonQueryAsync(Cancellation);
        }
    }
}
