using AuthPlatform.Contracts;
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

    private static async Task<string> ReadAsync(NpgsqlConnection connection)
    {
        await using var command = new NpgsqlCommand(Read, connection);
        return (string)(await command.ExecuteScalarAsync(Cancellation))!;
    }
}
