using AuthPlatform.Contracts;
using AuthPlatform.IntegrationTests.Cli;
using AuthPlatform.IntegrationTests.Infrastructure;
using AuthPlatform.ServiceDefaults;
using Npgsql;

namespace AuthPlatform.IntegrationTests;

/// <summary>That the server lets go of clients that are gone, no test can see without waiting: here it is told to.</summary>
public sealed class VanishedClientTests(AuthPlatformFixture platform)
{
    private const string Read =
        """
        SELECT concat_ws(' ', current_setting('tcp_keepalives_idle'), current_setting('tcp_keepalives_interval'), current_setting('tcp_keepalives_count'),
            current_setting('tcp_user_timeout'), current_setting('idle_in_transaction_session_timeout'))
        """;

    /// <summary>Lets a database remember the settings of each session that adds what the trigger is on.</summary>
    private const string Remember =
        $"""
        CREATE TABLE seen (process int NOT NULL DEFAULT pg_backend_pid(), settings text NOT NULL);
        CREATE FUNCTION see() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN INSERT INTO seen (settings) {Read}; RETURN NEW; END $$;
        """;

    private const string RememberApplications = $"{Remember} CREATE TRIGGER tr_see BEFORE INSERT ON applications FOR EACH ROW EXECUTE FUNCTION see()";

    private const string RememberKeys = $"{Remember} CREATE TRIGGER tr_see BEFORE INSERT ON key_applications FOR EACH ROW EXECUTE FUNCTION see()";

    /// <summary>The same of whoever makes a function, as a Migration Worker does each time, in the session that keeps others away.</summary>
    private const string RememberTurn =
        $"""
        CREATE FUNCTION see_turn() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN INSERT INTO seen (settings) {Read}; END $$;
        CREATE EVENT TRIGGER tr_see_turn ON ddl_command_end WHEN TAG IN ('CREATE FUNCTION') EXECUTE FUNCTION see_turn();
        """;

    private const string Seen = "SELECT concat(string_agg(DISTINCT settings, ' and '), ' in ', count(DISTINCT process)) FROM seen";

    /// <summary>Other systems' servers do without the one that waits for receipts.</summary>
    private static readonly string Noticed = OperatingSystem.IsLinux() ? "15 5 3 30000" : "15 5 3 0";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(ResourceNames.TokenApi)]
    [InlineData(ResourceNames.AdminWeb)]
    [InlineData(ResourceNames.KeyManager)]
    public async Task Service_ThatIsGoneOrStandsStill_IsNoticedByItsDatabase(string service)
    {
        await using var connection = new NpgsqlConnection((await platform.LoginAsync(service, Cancellation)).ConnectionString);
        await connection.OpenAsync(Cancellation);

        Assert.Equal($"{Noticed} 1min", await ReadAsync(connection));
    }

    /// <summary>An operator may take their time, and nobody ends what the Migration Worker holds while it waits.</summary>
    [Fact]
    public async Task Operator_WhoIsGone_IsNoticedWithEachUseOfAConnection()
    {
        var builder = new NpgsqlDataSourceBuilder(await platform.App.GetConnectionStringAsync(ResourceNames.KeysDatabase, Cancellation));
        builder.NoticeVanishedClients();
        await using var pool = builder.Build();
        for (var use = 0; use < 2; use++)
        {
            await using var connection = await pool.OpenConnectionAsync(Cancellation);
            Assert.Equal($"{Noticed} 0", await ReadAsync(connection));
        }
    }

    /// <summary>The command line signs in as the owner, who has no such settings by default, and takes and gives back its connections many times.</summary>
    [Fact]
    public async Task CommandLine_ThatWrites_IsNoticedByBothDatabasesWhenItIsGone()
    {
        using var old = new OldDeployment(platform);
        var databases = new FreshDatabases(platform);
        var settings = await databases.MigratedAsync(Cancellation);
        await ExecuteAsync(settings["ConnectionStrings__authdb"], RememberApplications);
        await ExecuteAsync(settings["ConnectionStrings__keysdb"], RememberKeys);

        Assert.Equal((1, 1, 0, 0), await OldDeployment.ImportAsync(settings, old.WriteClients(old.Application), old.WriteKeys(), "--apply"));

        Assert.Equal($"{Noticed} 0 in 1", await databases.ReadAsync(ResourceNames.AuthDatabase, Seen, Cancellation));
        // Keys are added as the Key Manager does it, the application by its model.
        Assert.Equal($"{Noticed} 0 in 2", await databases.ReadAsync(ResourceNames.KeysDatabase, Seen, Cancellation));
    }

    /// <summary>In the session that keeps other workers away, and in those in which it works.</summary>
    [Fact]
    public async Task MigrationWorker_ThatIsGone_IsNoticedInEachOfItsSessions()
    {
        var databases = new FreshDatabases(platform);
        var settings = await databases.MigratedAsync(Cancellation);
        await ExecuteAsync(settings["ConnectionStrings__authdb"], RememberApplications);
        await ExecuteAsync(settings["ConnectionStrings__authdb"], RememberTurn);
        await ExecuteAsync(settings["ConnectionStrings__keysdb"], RememberKeys);
        settings["Bootstrap__ClientId"] = "another";

        var (exitCode, log) = await MigrationWorkerParts.RunAsync(settings, Cancellation);

        Assert.True(exitCode == 0, log);
        Assert.Equal($"{Noticed} 0 in 2", await databases.ReadAsync(ResourceNames.AuthDatabase, Seen, Cancellation));
        Assert.Equal($"{Noticed} 0 in 1", await databases.ReadAsync(ResourceNames.KeysDatabase, Seen, Cancellation));
    }

    private static async Task ExecuteAsync(string connectionString, string statements)
    {
        await using var connection = new NpgsqlConnection(connectionString);
        await connection.OpenAsync(Cancellation);
        await using var command = new NpgsqlCommand(statements, connection);
        await command.ExecuteNonQueryAsync(Cancellation);
    }

    private static async Task<string> ReadAsync(NpgsqlConnection connection)
    {
        await using var command = new NpgsqlCommand(Read, connection);
        return (string)(await command.ExecuteScalarAsync(Cancellation))!;
    }
}
