using System.Security.Cryptography;
using AuthPlatform.Contracts;
using AuthPlatform.Data;
using AuthPlatform.IntegrationTests.Infrastructure;
using AuthPlatform.TokenApi.Sessions;
using Npgsql;

namespace AuthPlatform.IntegrationTests;

/// <summary>Applications that all call one of their users by the same name: what is done for that user of one of them reads nothing of the others.</summary>
public sealed class SharedNameTests(AuthPlatformFixture platform)
{
    private const string User = "7";

    private const string SignIn =
        """
        SELECT id FROM start_sessions(
            ARRAY['lock'], ARRAY[$2], ARRAY[$1], ARRAY['7'], ARRAY[$3], ARRAY[sha256(convert_to($3, 'UTF8'))], ARRAY['ip'], ARRAY[NULL::text], ARRAY[NULL::text], ARRAY['kid'], ARRAY[now()],
            ARRAY[now() + interval '1 hour'], ARRAY[now() + interval '1 hour'], ARRAY[now() + interval '1 hour'], ARRAY['user_device_ip'], ARRAY[10::bigint], interval '4 minutes')
        """;

    /// <summary>The applications need not exist: nobody looks.</summary>
    private const string Fill =
        """
        SET session_replication_role = replica;
        INSERT INTO sessions (id, application_id, unique_key, device, device_hash, ip, key_id, generation, created_at, refreshed_at, tokens_until, idle_expires_at, absolute_expires_at)
        SELECT gen_random_uuid(), gen_random_uuid(), '7', 'phone', sha256('phone'), 'ip', 'kid', 0, now(), now(), now(), now(), now() FROM generate_series(1, 500)
        """;

    private const string RowsRead = "SELECT sum(seq_tup_read + idx_tup_fetch)::int FROM pg_stat_xact_user_tables WHERE relname = 'sessions'";

    private readonly FreshDatabases _databases = new(platform);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>Planned while the table was empty, as on a service's connections.</summary>
    [Fact]
    public async Task Statements_OfAUserWhomOtherApplicationsCallTheSame_ReadThatUserOnly()
    {
        await _databases.MigratedAsync(Cancellation, ResourceNames.AuthDatabase);
        await using var connection = await OpenAsync();
        await ExecuteAsync(connection, "SET plan_cache_mode = force_generic_plan");
        await using var owner = new NpgsqlCommand("SELECT id FROM applications", connection);
        var application = Assert.IsType<Guid>(await owner.ExecuteScalarAsync(Cancellation));
        var now = TimeProvider.System.GetUtcNow();
        var (laptop, phone, tablet) = (Guid.CreateVersion7(now), Guid.CreateVersion7(now.AddSeconds(1)), Guid.CreateVersion7(now.AddSeconds(2)));
        await using var find = new NpgsqlCommand(OwnSessions.FindOfUser, connection)
        {
            Parameters = { Sql.Value(User), Sql.Value(application), Sql.Value("phone"), Sql.Value(SHA256.HashData("phone"u8)), Sql.Value(""), Sql.Value(10) },
        };
        await using var lockMoved = new NpgsqlCommand(SessionMoves.LockMoved, connection)
        {
            Parameters = { Sql.Value(User), Sql.Value(application), Sql.Value(phone), Sql.Value("user_device"), Sql.Value(SHA256.HashData("tablet"u8)), Sql.Value("ip") },
        };
        await using var endMovedOnto = new NpgsqlCommand(SessionMoves.EndMovedOnto, connection)
        {
            Parameters =
            {
                Sql.Value(phone), Sql.Value(application), Sql.Value(0), Sql.Value(User), Sql.Value("user_device"), Sql.Value(SHA256.HashData("tablet"u8)), Sql.Value("ip"),
                Sql.Value(now.UtcDateTime), Sql.Value(now.UtcDateTime), Sql.Value(TimeSpan.FromMinutes(4)),
            },
        };
        foreach (var statement in new[] { find, lockMoved, endMovedOnto })
        {
            await statement.PrepareAsync(Cancellation);
            Assert.Null(await statement.ExecuteScalarAsync(Cancellation));
        }

        // The second one finds that there is somebody to be compared with.
        await SignInAsync(connection, application, laptop, "laptop");
        await SignInAsync(connection, application, phone, "phone");
        await using (var others = await OpenAsync())
        {
            await ExecuteAsync(others, Fill);
        }

        await using var transaction = await connection.BeginTransactionAsync(Cancellation);
        await SignInAsync(connection, application, tablet, "tablet");

        Assert.Equal(phone, await find.ExecuteScalarAsync(Cancellation));
        await using (var reader = await lockMoved.ExecuteReaderAsync(Cancellation))
        {
            Assert.Equal([phone, tablet], await reader.ReadAllAsync(row => row.GetGuid(0), Cancellation));
        }

        Assert.Equal(tablet, await endMovedOnto.ExecuteScalarAsync(Cancellation));
        await using var rowsRead = new NpgsqlCommand(RowsRead, connection);
        Assert.InRange(Assert.IsType<int>(await rowsRead.ExecuteScalarAsync(Cancellation)), 1, 50);
    }

    /// <summary>None that is used again: what it is set to would count for others.</summary>
    private async Task<NpgsqlConnection> OpenAsync()
    {
        var settings = new NpgsqlConnectionStringBuilder(await _databases.ConnectionStringAsync(ResourceNames.AuthDatabase, Cancellation)) { Pooling = false };
        var connection = new NpgsqlConnection(settings.ConnectionString);
        await connection.OpenAsync(Cancellation);
        return connection;
    }

    private static async Task SignInAsync(NpgsqlConnection connection, Guid application, Guid session, string device)
    {
        await using var command = new NpgsqlCommand(SignIn, connection) { Parameters = { Sql.Value(application), Sql.Value(session), Sql.Value(device) } };
        Assert.Null(await command.ExecuteScalarAsync(Cancellation));
    }

    private static async Task ExecuteAsync(NpgsqlConnection connection, string sql)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync(Cancellation);
    }
}
