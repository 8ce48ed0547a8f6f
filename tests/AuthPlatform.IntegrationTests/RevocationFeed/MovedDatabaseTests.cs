using AuthPlatform.Contracts;
using AuthPlatform.Data.Auth;
using AuthPlatform.IntegrationTests.Infrastructure;
using AuthPlatform.TokenApi.RevocationFeed;
using Npgsql;

namespace AuthPlatform.IntegrationTests.RevocationFeed;

/// <summary>A database that is restored from a dump into another server: there too the first history is number 1, and the transactions count from elsewhere.</summary>
public sealed class MovedDatabaseTests(AuthPlatformFixture platform)
{
    private static readonly Guid Application = Guid.CreateVersion7();

    private readonly FreshDatabases _databases = new(platform);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Cursor_FromBeforeTheDatabaseMoved_IsNotKnown()
    {
        await _databases.MigratedAsync(Cancellation, ResourceNames.AuthDatabase);
        await ExecuteAsync(
            $"""
            INSERT INTO revocations (application_id, revoked_id, reason, revoked_at, effective_at, until)
            VALUES ('{Application}', gen_random_uuid(), '{RevocationReasons.Revoked}', now(), now(), now() + interval '1 day')
            """);
        var before = await ReadAsync();
        // Where it was made, cursors are what they were before there was anything to be told apart.
        Assert.Matches("^[0-9]+-[0-9]+$", before.ToString());

        await ExecuteAsync("CREATE OR REPLACE FUNCTION database_origin() RETURNS bigint LANGUAGE sql IMMUTABLE AS 'SELECT 1::bigint'");

        var after = await ReadAsync();
        Assert.Equal(after, FeedCursor.Parse(after.ToString()));
        await using var service = await OpenServiceAsync();
        var store = new FeedStore(service, TimeProvider.System);
        Assert.Null(await store.ReadAsync(Application, before, 10, Cancellation));
        Assert.Empty((await store.ReadAsync(Application, after, 10, Cancellation))!.Entries);
    }

    /// <summary>The cursor behind the one revocation, as the service that is connected now gives it. Whatever runs in other databases of the server keeps new revocations back.</summary>
    private async Task<FeedCursor> ReadAsync()
    {
        await using var service = await OpenServiceAsync();
        var store = new FeedStore(service, TimeProvider.System);
        FeedPage? page = null;
        await Eventually.TrueAsync(async () => (page = await store.ReadAsync(Application, FeedCursor.Start, 10, Cancellation))!.Entries.Count == 1, Cancellation);
        return page!.Cursor;
    }

    private async Task<NpgsqlDataSource> OpenServiceAsync() =>
        NpgsqlDataSource.Create(await _databases.LoginAsync(ResourceNames.AuthDatabase, ResourceNames.TokenApi, 0, FreshDatabases.RolePassword, Cancellation));

    private async Task ExecuteAsync(string sql)
    {
        await using var owner = NpgsqlDataSource.Create(await _databases.ConnectionStringAsync(ResourceNames.AuthDatabase, Cancellation));
        await using var command = owner.CreateCommand(sql);
        await command.ExecuteNonQueryAsync(Cancellation);
    }
}
