using AuthPlatform.Contracts;
using AuthPlatform.Data.Auth;
using AuthPlatform.IntegrationTests.Infrastructure;
using AuthPlatform.TokenApi.RevocationFeed;
using Npgsql;

namespace AuthPlatform.IntegrationTests.RevocationFeed;

/// <summary>A server that takes over from one that was ahead gives the numbers of the transactions that it has lost once more: cursors from there would pass over its own.</summary>
public sealed class FeedTimelineTests(AuthPlatformFixture platform)
{
    private static readonly Guid Application = Guid.CreateVersion7();

    private readonly FreshDatabases _databases = new(platform);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Cursor_FromBeforeAnotherServerTookOver_IsNotKnown()
    {
        await using var owner = await OpenAsync();
        var store = new FeedStore(owner, TimeProvider.System);
        await RevokeAsync(owner);
        var before = (await ReadAsync(store, count: 1)).Cursor;

        await ExecuteAsync(owner, "CREATE OR REPLACE FUNCTION database_timeline() RETURNS int LANGUAGE sql AS 'SELECT 2'");
        await RevokeAsync(owner);

        Assert.Null(await store.ReadAsync(Application, before, 10, Cancellation));
        var again = await ReadAsync(store, count: 2);
        Assert.StartsWith("2-", again.Cursor.ToString(), StringComparison.Ordinal);
        Assert.Empty((await store.ReadAsync(Application, again.Cursor, 10, Cancellation))!.Entries);
    }

    /// <summary>So say some whose storage replicates itself.</summary>
    [Fact]
    public async Task Feed_OfAServerThatKnowsNoTimeline_IsRead()
    {
        await using var owner = await OpenAsync();
        await RevokeAsync(owner);
        await ExecuteAsync(owner, "REVOKE EXECUTE ON FUNCTION pg_walfile_name(pg_lsn) FROM PUBLIC");
        await using var service = NpgsqlDataSource.Create(await _databases.LoginAsync(ResourceNames.AuthDatabase, ResourceNames.TokenApi, 0, FreshDatabases.RolePassword, Cancellation));

        await ReadAsync(new FeedStore(service, TimeProvider.System), count: 1);
    }

    /// <summary>Whatever runs in other databases of the server, while other tests do, keeps new revocations back.</summary>
    private static async Task<FeedPage> ReadAsync(FeedStore store, int count)
    {
        FeedPage? page = null;
        await Eventually.TrueAsync(async () => (page = await store.ReadAsync(Application, FeedCursor.Start, 10, Cancellation))!.Entries.Count == count, Cancellation);
        return page!;
    }

    private async Task<NpgsqlDataSource> OpenAsync()
    {
        await _databases.MigratedAsync(Cancellation, ResourceNames.AuthDatabase);
        return NpgsqlDataSource.Create(await _databases.ConnectionStringAsync(ResourceNames.AuthDatabase, Cancellation));
    }

    private static Task RevokeAsync(NpgsqlDataSource database) => ExecuteAsync(
        database,
        $"""
        INSERT INTO revocations (application_id, revoked_id, reason, revoked_at, effective_at, until)
        VALUES ('{Application}', gen_random_uuid(), '{RevocationReasons.Revoked}', now(), now(), now() + interval '1 day')
        """);

    private static async Task ExecuteAsync(NpgsqlDataSource database, string sql)
    {
        await using var command = database.CreateCommand(sql);
        await command.ExecuteNonQueryAsync(Cancellation);
    }
}
