using System.Globalization;
using AuthPlatform.LoadGenerator;
using Npgsql;

namespace AuthPlatform.Benchmarks;

/// <summary>What an issuer that keeps sessions in PostgreSQL cannot avoid: the Token API's statement for one new user, sent by a client that does nothing else.</summary>
internal static class SessionStatement
{
    private const string Start =
        """
        SELECT id FROM start_sessions(
            ARRAY[$1], ARRAY[uuidv7()], ARRAY[$2], ARRAY[$1], ARRAY['Pixel 9'], ARRAY[sha256('Pixel 9')], ARRAY['203.0.113.7'], ARRAY[NULL]::text[], ARRAY[NULL]::text[], ARRAY['benchmark'],
            ARRAY[now()], ARRAY[now() + interval '5 minutes'], ARRAY[now() + interval '7 days'], ARRAY[now() + interval '30 days'], ARRAY['user_device'], ARRAY[10]::bigint[], interval '4 minutes')
        """;

    /// <summary>Prepared once for each connection, as the Token API's is.</summary>
    public static NpgsqlDataSource Connect(string connectionString)
    {
        var builder = new NpgsqlDataSourceBuilder(connectionString);
        builder.ConnectionStringBuilder.MaxAutoPrepare = 1;
        builder.ConnectionStringBuilder.AutoPrepareMinUsages = 2;
        builder.ConnectionStringBuilder.NoResetOnClose = true;
        return builder.Build();
    }

    /// <summary>As a scenario of the load generator, though nothing is sent to a service.</summary>
    public static Scenario Scenario(NpgsqlDataSource database) => new("session statement", async (_, _, cancellationToken) =>
    {
        await using var command = database.CreateCommand("SELECT id FROM applications LIMIT 1");
        var application = (Guid)(await command.ExecuteScalarAsync(cancellationToken))!;
        var (began, users) = (TimeProvider.System.GetUtcNow().Ticks, 0);
        return async (_, cancel) =>
        {
            await using var start = database.CreateCommand(Start);
            start.Parameters.Add(new NpgsqlParameter<string> { TypedValue = string.Create(CultureInfo.InvariantCulture, $"{began}-{Interlocked.Increment(ref users)}") });
            start.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = application });
            await start.ExecuteNonQueryAsync(cancel);
            return new Answer(200, [], null);
        };
    });
}
