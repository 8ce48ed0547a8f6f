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
        await ExecuteAsync(connection, $"INSERT INTO sessions SELECT * FROM kept; DELETE FROM revocations WHERE revoked_id = '{id}'");
        await using var redis = await ConnectionMultiplexer.ConnectAsync((await platform.OperatorEnvironmentAsync(Cancellation))["ConnectionStrings__redis"]);
        var known = $"{{revocations}}:{id:N}";
        Assert.Equal(known, RevocationKeys.Of(id, null).ToString());
        Assert.True(await redis.GetDatabase().KeyExistsAsync(known));

        // What is read from Redis there, with the pattern of this key.
        await ExecuteAsync(connection, $"CREATE TEMP TABLE ended (id uuid); INSERT INTO ended VALUES ('{id:N}')");
        await using var ended = new NpgsqlCommand(Statement("SELECT e.id, e.unique_key "), connection);
        Assert.Equal(id, await ended.ExecuteScalarAsync(Cancellation));

        Assert.Equal(HttpStatusCode.Unauthorized, (await platform.TryRefreshAsync(platform.Bootstrap, issued.Text("refresh_token"), Cancellation)).Status);
    }

    [Fact]
    public async Task Sessions_OfWhichNobodyCanSay_AreAllEndedForOneApplication()
    {
        var application = await platform.CreateApplicationAsync(_ => { }, Cancellation);
        var (first, second) = (await platform.IssueAsync(application, SignedRequests.NewUser(), Cancellation), await platform.IssueAsync(application, SignedRequests.NewUser(), Cancellation));
        var elsewhere = await platform.IssueAsync(platform.Bootstrap, SignedRequests.NewUser(), Cancellation);
        await using var connection = await ConnectAsync();

        var statement = Statement("SELECT count(*) FROM (SELECT application_id, array_agg(id)");
        statement = statement.Replace("'2026-01-01 12:00:00+00'", "clock_timestamp() + interval '1 minute'", StringComparison.Ordinal).Replace("'my-app'", $"'{application.ClientId}'", StringComparison.Ordinal);
        await using var ended = new NpgsqlCommand(statement, connection);
        Assert.Equal(2L, await ended.ExecuteScalarAsync(Cancellation));

        Assert.Equal(HttpStatusCode.Unauthorized, (await platform.TryRefreshAsync(application, first.Text("refresh_token"), Cancellation)).Status);
        await platform.RevocationsCopiedAsync(Cancellation);
        Assert.Equal(HttpStatusCode.Unauthorized, (await platform.VerifyAsync(application, second.Text("access_token"), Cancellation)).Status);
        Assert.Equal(HttpStatusCode.OK, (await platform.TryRefreshAsync(platform.Bootstrap, elsewhere.Text("refresh_token"), Cancellation)).Status);
    }

    /// <summary>As it stands in the runbook, from these words on.</summary>
    private static string Statement(string beginning)
    {
        var text = Repository.Read("docs/operations.md");
        var start = text.IndexOf(beginning, StringComparison.Ordinal);
        Assert.True(start >= 0, $"docs/operations.md does not say: {beginning}");
        return text[start..].Split(';')[0];
    }

    /// <summary>As the owner, and nobody gets the connection afterwards.</summary>
    private async Task<NpgsqlConnection> ConnectAsync()
    {
        var settings = new NpgsqlConnectionStringBuilder((await platform.OperatorEnvironmentAsync(Cancellation))["ConnectionStrings__authdb"]) { Pooling = false };
        var connection = new NpgsqlConnection(settings.ConnectionString);
        await connection.OpenAsync(Cancellation);
        return connection;
    }

    private static async Task ExecuteAsync(NpgsqlConnection connection, string statements)
    {
        await using var command = new NpgsqlCommand(statements, connection);
        await command.ExecuteNonQueryAsync(Cancellation);
    }
}
