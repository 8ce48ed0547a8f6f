using AuthPlatform.Data;
using AuthPlatform.IntegrationTests.Infrastructure;
using AuthPlatform.TokenApi;
using AuthPlatform.TokenApi.Sessions;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace AuthPlatform.IntegrationTests;

/// <summary>Whether tokens are revoked, asked for by many at once while there is no Redis: PostgreSQL is asked for them together.</summary>
public sealed class RevocationListTests(AuthPlatformFixture platform)
{
    private const string NoRedis = "127.0.0.1:1";

    /// <summary>What ended: 0 the session, 1 and 2 its third generation, 3 the session in an hour, 4 nothing.</summary>
    private const string Revoke =
        """
        INSERT INTO revocations (application_id, revoked_id, generation, reason, revoked_at, effective_at, until)
        SELECT gen_random_uuid(), id, CASE WHEN what IN (1, 2) THEN 3 END, 'revoked', now(), now() + CASE WHEN what = 3 THEN interval '1 hour' ELSE interval '0' END, now() + interval '1 day'
        FROM unnest($1, $2) AS token (id, what) WHERE what < 4
        """;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Contains_ManyAtOnceWithoutRedis_IsAnsweredForEachOfThem()
    {
        await using var replica = await platform.BuildTokenApiApartAsync(NoRedis, Cancellation);
        Guid[] ids = [.. Enumerable.Range(0, 500).Select(_ => Guid.CreateVersion7())];
        int[] ended = [.. ids.Select((_, number) => number % 5)];
        await using (var command = replica.Services.GetRequiredService<NpgsqlDataSource>().CreateCommand(Revoke, Sql.Value(ids), Sql.Value(ended)))
        {
            await command.ExecuteNonQueryAsync(Cancellation);
        }

        var list = replica.Services.GetRequiredService<RevocationList>();
        // The generation of a token of the second kind is another one than has ended.
        var answers = await Task.WhenAll(ids.Zip(ended, (id, what) => list.ContainsAsync(id, what == 2 ? 4 : 3, Cancellation).AsTask()));

        Assert.Equal(ended.Select(what => what < 2), answers);
    }

    [Fact]
    public async Task Contains_ManyAtOnceWithoutRedis_LeavesConnectionsToOthers()
    {
        await using var replica = await platform.BuildTokenApiApartAsync(NoRedis, Cancellation);
        var connections = replica.Services.GetRequiredService<NpgsqlDataSource>();
        await using var upkeep = await replica.Services.GetRequiredKeyedService<NpgsqlDataSource>(TokenApiServices.Upkeep).OpenConnectionAsync(Cancellation);
        await using var transaction = await upkeep.BeginTransactionAsync(Cancellation);
        await using (var command = new NpgsqlCommand("LOCK TABLE revocations IN ACCESS EXCLUSIVE MODE", upkeep))
        {
            await command.ExecuteNonQueryAsync(Cancellation);
        }

        var list = replica.Services.GetRequiredService<RevocationList>();
        var asked = Enumerable.Range(0, 200).Select(_ => list.ContainsAsync(Guid.CreateVersion7(), 0, Cancellation).AsTask()).ToList();
        await using var waiting = new NpgsqlCommand("SELECT count(DISTINCT pid)::int FROM pg_locks WHERE NOT granted AND pg_backend_pid() = ANY (pg_blocking_pids(pid))", upkeep);
        await Eventually.TrueAsync(async () => await waiting.ExecuteScalarAsync(Cancellation) is > 0, Cancellation);
        var others = new NpgsqlConnectionStringBuilder(connections.ConnectionString).MaxPoolSize - StatementBatches.Concurrency;
        var opened = await Task.WhenAll(Enumerable.Range(0, others).Select(_ => connections.OpenConnectionAsync(Cancellation).AsTask()));

        Assert.Equal(others, opened.Length);
        await transaction.RollbackAsync(Cancellation);
        foreach (var connection in opened)
        {
            await connection.DisposeAsync();
        }

        // Those that waited for more than a statement may take have failed, which is no matter here.
        _ = await Record.ExceptionAsync(() => Task.WhenAll(asked));
    }
}
