using System.Net;
using AuthPlatform.Data.Auth;
using AuthPlatform.IntegrationTests.Infrastructure;
using Npgsql;
using StackExchange.Redis;

namespace AuthPlatform.IntegrationTests.Deployment;

/// <summary>The day a standby takes over that lacks the last moments (docs/operations.md, "Failover"): the statements that stand there end what lives again.</summary>
public sealed class FailoverDrillTests(AuthPlatformFixture platform)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Session_WhoseEndWasLost_IsEndedByWhatRedisKnows()
    {
        var issued = await platform.IssueAsync(platform.Bootstrap, SignedRequests.NewUser(), Cancellation);
        var id = Guid.Parse(issued.Text("session_id"));
        await using var connection = await ConnectAsync();
        await ExecuteAsync(connection, $"CREATE TEMP TABLE kept AS SELECT * FROM sessions WHERE id = '{id}'");
        await platform.SendSignedAsync(platform.Bootstrap, "/auth/revoke", () => SignedRequests.VerifyBody(issued.Text("access_token")), Cancellation);
        await TakeOverAsync(connection, id);
        await using var redis = await ConnectionMultiplexer.ConnectAsync((await platform.OperatorEnvironmentAsync(Cancellation))["ConnectionStrings__redis"]);
        var known = $"{{revocations}}:{id:N}";
        Assert.Equal(known, RevocationKeys.Of(id, null).ToString());
        Assert.True(await redis.GetDatabase().KeyExistsAsync(known));

        Assert.Equal(id, await EndKnownAsync(connection, id));

        Assert.Equal(HttpStatusCode.Unauthorized, (await platform.TryRefreshAsync(platform.Bootstrap, issued.Text("refresh_token"), Cancellation)).Status);
    }

    /// <summary>The row knows of an access token that died some minutes ago: counted from that, the revocation would be over soon, or already.</summary>
    [Theory]
    [InlineData(2)]
    [InlineData(6)]
    public async Task Session_WhoseRefreshWasLostToo_IsEndedForAsLongAsItsAccessTokenLives(int minutes)
    {
        var application = await platform.CreateApplicationAsync(a => a.AccessLifetimeSeconds = 3600, Cancellation);
        await using var connection = await ConnectAsync();
        var (id, accessToken, until) = await RefreshedAsync(connection, application, minutes);
        await platform.SendSignedAsync(application, "/auth/revoke", () => SignedRequests.VerifyBody(accessToken), Cancellation);
        await TakeOverAsync(connection, id);

        Assert.Equal(id, await EndKnownAsync(connection, id));

        Assert.InRange(await RevokedUntilAsync(connection, id), until, until.AddHours(1));
        // What is copied takes the place of what Redis knew before.
        await platform.RevocationsCopiedAsync(Cancellation);
        Assert.InRange(await KnownToRedisUntilAsync(id), until, until.AddHours(1));
    }

    [Fact]
    public async Task Sessions_OfWhichNobodyCanSay_AreAllEndedForOneApplication()
    {
        var application = await platform.CreateApplicationAsync(_ => { }, Cancellation);
        var (first, second) = (await platform.IssueAsync(application, SignedRequests.NewUser(), Cancellation), await platform.IssueAsync(application, SignedRequests.NewUser(), Cancellation));
        var elsewhere = await platform.IssueAsync(platform.Bootstrap, SignedRequests.NewUser(), Cancellation);
        await using var connection = await ConnectAsync();

        Assert.Equal(2L, await EndAllAsync(connection, application));

        Assert.Equal(HttpStatusCode.Unauthorized, (await platform.TryRefreshAsync(application, first.Text("refresh_token"), Cancellation)).Status);
        await platform.RevocationsCopiedAsync(Cancellation);
        Assert.Equal(HttpStatusCode.Unauthorized, (await platform.VerifyAsync(application, second.Text("access_token"), Cancellation)).Status);
        Assert.Equal(HttpStatusCode.OK, (await platform.TryRefreshAsync(platform.Bootstrap, elsewhere.Text("refresh_token"), Cancellation)).Status);
    }

    [Theory]
    [InlineData(2)]
    [InlineData(6)]
    public async Task Sessions_WhoseRefreshWasLost_AreAllEndedForAsLongAsTheirAccessTokensLive(int minutes)
    {
        var application = await platform.CreateApplicationAsync(a => a.AccessLifetimeSeconds = 3600, Cancellation);
        await using var connection = await ConnectAsync();
        // How long it has been idle must not count for the others, nor for itself: for as long as a revocation lasts, it is a row and a key in Redis.
        var idle = Guid.Parse((await platform.IssueAsync(application, SignedRequests.NewUser(), Cancellation)).Text("session_id"));
        await ExecuteAsync(connection, $"UPDATE sessions SET tokens_until = tokens_until - interval '20 days' WHERE id = '{idle}'");
        var (id, accessToken, until) = await RefreshedAsync(connection, application, minutes);
        await TakeOverAsync(connection, id);

        Assert.Equal(2L, await EndAllAsync(connection, application));

        Assert.InRange(await RevokedUntilAsync(connection, id), until, until.AddHours(1));
        Assert.InRange(await RevokedUntilAsync(connection, idle), until, until.AddHours(1));
        await platform.RevocationsCopiedAsync(Cancellation);
        Assert.Equal(HttpStatusCode.Unauthorized, (await platform.VerifyAsync(application, accessToken, Cancellation)).Status);
    }

    /// <summary>
    /// A session, its row kept as it was before its last refresh, when its access token had died so many minutes ago. Gives what that refresh gave, and until when its access token
    /// lives.
    /// </summary>
    private async Task<(Guid Id, string AccessToken, DateTime Until)> RefreshedAsync(NpgsqlConnection connection, TestApplication application, int minutes)
    {
        var issued = await platform.IssueAsync(application, SignedRequests.NewUser(), Cancellation);
        var id = Guid.Parse(issued.Text("session_id"));
        await ExecuteAsync(
            connection,
            $"CREATE TEMP TABLE kept AS SELECT * FROM sessions WHERE id = '{id}'; UPDATE kept SET tokens_until = clock_timestamp() - interval '{minutes} minutes'");
        var refreshed = await platform.RefreshAsync(application, issued.Text("refresh_token"), Cancellation);
        return (id, refreshed.Text("access_token"), await TimeAsync(connection, $"SELECT tokens_until FROM sessions WHERE id = '{id}'"));
    }

    /// <summary>The session is again as its row was kept, and nobody knows of a revocation.</summary>
    private static Task TakeOverAsync(NpgsqlConnection connection, Guid id) =>
        ExecuteAsync(connection, $"DELETE FROM sessions WHERE id = '{id}'; INSERT INTO sessions SELECT * FROM kept; DELETE FROM revocations WHERE revoked_id = '{id}'");

    /// <summary>Step 3, with what is read from Redis there, by the pattern of this key; gives what it ended.</summary>
    private static async Task<Guid?> EndKnownAsync(NpgsqlConnection connection, Guid id)
    {
        await ExecuteAsync(connection, $"CREATE TEMP TABLE ended (id uuid); INSERT INTO ended VALUES ('{id:N}')");
        await using var ended = new NpgsqlCommand(Statement("SELECT e.id, e.unique_key "), connection);
        return (Guid?)await ended.ExecuteScalarAsync(Cancellation);
    }

    /// <summary>Step 4, for one application; gives how many it ended.</summary>
    private static async Task<long> EndAllAsync(NpgsqlConnection connection, TestApplication application)
    {
        var statement = Statement("SELECT count(*) FROM (SELECT id, application_id")
            .Replace("'2026-01-01 12:00:00+00'", "clock_timestamp() + interval '1 minute'", StringComparison.Ordinal)
            .Replace("'my-app'", $"'{application.ClientId}'", StringComparison.Ordinal);
        await using var ended = new NpgsqlCommand(statement, connection);
        return (long)(await ended.ExecuteScalarAsync(Cancellation))!;
    }

    /// <summary>As it stands in the runbook, from these words on.</summary>
    private static string Statement(string beginning)
    {
        var text = Repository.Read("docs/operations.md");
        var start = text.IndexOf(beginning, StringComparison.Ordinal);
        Assert.True(start >= 0, $"docs/operations.md does not say: {beginning}");
        return text[start..].Split(';')[0];
    }

    /// <summary>By the database; long ago when it is not.</summary>
    private static Task<DateTime> RevokedUntilAsync(NpgsqlConnection connection, Guid id) =>
        TimeAsync(connection, $"SELECT coalesce(max(until), 'epoch') FROM revocations WHERE revoked_id = '{id}' AND generation IS NULL");

    /// <summary>By now when it is not.</summary>
    private async Task<DateTime> KnownToRedisUntilAsync(Guid id)
    {
        await using var redis = await ConnectionMultiplexer.ConnectAsync((await platform.OperatorEnvironmentAsync(Cancellation))["ConnectionStrings__redis"]);
        var left = await redis.GetDatabase().KeyTimeToLiveAsync(RevocationKeys.Of(id, null)) ?? TimeSpan.Zero;
        return (TimeProvider.System.GetUtcNow() + left).UtcDateTime;
    }

    /// <summary>As the owner, and nobody gets the connection afterwards.</summary>
    private async Task<NpgsqlConnection> ConnectAsync()
    {
        var settings = new NpgsqlConnectionStringBuilder((await platform.OperatorEnvironmentAsync(Cancellation))["ConnectionStrings__authdb"]) { Pooling = false };
        var connection = new NpgsqlConnection(settings.ConnectionString);
        await connection.OpenAsync(Cancellation);
        return connection;
    }

    private static async Task<DateTime> TimeAsync(NpgsqlConnection connection, string query)
    {
        await using var command = new NpgsqlCommand(query, connection);
        return (DateTime)(await command.ExecuteScalarAsync(Cancellation))!;
    }

    private static async Task ExecuteAsync(NpgsqlConnection connection, string statements)
    {
        await using var command = new NpgsqlCommand(statements, connection);
        await command.ExecuteNonQueryAsync(Cancellation);
    }
}
