using AuthPlatform.AdminWeb.Applications;
using AuthPlatform.Data;
using AuthPlatform.Data.Auth;
using Npgsql;

namespace AuthPlatform.AdminWeb.Overview;

/// <summary>Reads the numbers of the overview; each of them is small to read however much there is.</summary>
internal sealed class TrafficQuery(NpgsqlDataSource dataSource)
{
    /// <summary>Minutes that a chart shows.</summary>
    public const int Minutes = 60;

    private const int Reasons = 6;
    private const int CountLimit = 100_000;

    private const string PerMinute = "SELECT kind, minute, sum(count)::bigint FROM traffic_counts WHERE minute >= $1 GROUP BY kind, minute";

    private const string RefusalsOfAll =
        "SELECT code, sum(count)::bigint FROM traffic_counts WHERE minute >= $1 AND kind = 'rejected' GROUP BY code ORDER BY 2 DESC, code LIMIT $2";

    private const string RefusalsOfSome =
        """
        SELECT code, sum(count)::bigint FROM audit_events WHERE application_id = ANY($3) AND occurred_at >= $1 AND kind = 'rejected' AND code IS NOT NULL
        GROUP BY code ORDER BY 2 DESC, code LIMIT $2
        """;

    /// <summary>
    /// Counting a million rows takes longer than anybody wants to wait for a page; what the database thinks that there are is near enough then. Before it has looked it thinks
    /// nothing: more than the limit are not counted in any case.
    /// </summary>
    private const string SessionsOfAll =
        """
        SELECT number, number > $1
        FROM (
            SELECT CASE WHEN estimate > $1 THEN estimate ELSE (SELECT count(*) FROM (SELECT FROM sessions LIMIT $1 + 1) AS s) END AS number
            FROM (SELECT reltuples::bigint AS estimate FROM pg_class WHERE oid = 'sessions'::regclass) AS e OFFSET 0) AS n
        """;

    private const string SessionsOfSome = "SELECT count(*), count(*) > $1 FROM (SELECT FROM sessions WHERE application_id = ANY($2) LIMIT $1 + 1) AS s";

    /// <summary>What happened in each minute of the last hour, oldest first; the last one is not over.</summary>
    public async Task<IReadOnlyList<Traffic>> ReadAsync(DateTimeOffset now, CancellationToken cancellationToken)
    {
        var first = Start(now);
        await using var command = dataSource.CreateCommand(PerMinute, Sql.Value(first.UtcDateTime));
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var counts = TrafficKinds.All.ToDictionary(kind => kind, _ => new long[Minutes]);
        while (await reader.ReadAsync(cancellationToken))
        {
            var minute = (int)(reader.GetFieldValue<DateTimeOffset>(1) - first).TotalMinutes;
            if (counts.TryGetValue(reader.GetString(0), out var minutes) && minute is >= 0 and < Minutes)
            {
                minutes[minute] = reader.GetInt64(2);
            }
        }

        return [.. TrafficKinds.All.Select(kind => new Traffic(kind, first, counts[kind]))];
    }

    /// <summary>Why most requests of the last hour were refused.</summary>
    public async Task<IReadOnlyList<(string Code, long Count)>> ReadRefusalsAsync(ApplicationScope scope, DateTimeOffset now, CancellationToken cancellationToken)
    {
        await using var command = dataSource.CreateCommand(scope.Ids is null ? RefusalsOfAll : RefusalsOfSome, Sql.Value(Start(now).UtcDateTime), Sql.Value(Reasons));
        if (scope.Ids is not null)
        {
            command.Parameters.Add(Sql.Value<Guid[]>(scope.Ids));
        }

        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        return await reader.ReadAllAsync(row => (row.GetString(0), row.GetInt64(1)), cancellationToken);
    }

    /// <summary>How many sessions there are, and whether that is a guess.</summary>
    public async Task<(long Count, bool IsEstimate)> CountSessionsAsync(ApplicationScope scope, CancellationToken cancellationToken)
    {
        await using var command = dataSource.CreateCommand(scope.Ids is null ? SessionsOfAll : SessionsOfSome, Sql.Value(CountLimit));
        if (scope.Ids is not null)
        {
            command.Parameters.Add(Sql.Value<Guid[]>(scope.Ids));
        }

        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        await reader.ReadAsync(cancellationToken);
        return (reader.GetInt64(0), reader.GetBoolean(1));
    }

    private static DateTimeOffset Start(DateTimeOffset now) => new(now.UtcTicks - (now.UtcTicks % TimeSpan.TicksPerMinute) - ((Minutes - 1) * TimeSpan.TicksPerMinute), TimeSpan.Zero);
}

/// <summary>How often something happened in each minute.</summary>
/// <param name="Kind">One of <see cref="TrafficKinds"/>.</param>
/// <param name="First">The first minute.</param>
/// <param name="Counts">The numbers; the last minute is not over.</param>
internal sealed record Traffic(string Kind, DateTimeOffset First, IReadOnlyList<long> Counts)
{
    /// <summary>That of the last whole minute.</summary>
    public long Latest => Counts[^2];

    public long Most => Counts.Max();

    public long Total => Counts.Sum();
}
