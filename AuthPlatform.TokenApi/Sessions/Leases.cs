using AuthPlatform.Data;
using Npgsql;

namespace AuthPlatform.TokenApi.Sessions;

/// <summary>Decides which replica does what only one of them is to do. Time is the database's: clocks of replicas may differ.</summary>
internal sealed class Leases([FromKeyedServices(TokenApiServices.Upkeep)] NpgsqlDataSource dataSource, TimeProvider clock)
{
    /// <summary>A lease that has longer to go than one taken now, and the quarter of an hour for which a migration may hold up a task, is from a clock that was ahead: nobody waits for its end.</summary>
    private const string Take =
        """
        INSERT INTO leases (name, holder, until) VALUES ($1, $2, clock_timestamp() + $3)
        ON CONFLICT (name) DO UPDATE SET holder = EXCLUDED.holder, until = EXCLUDED.until
        WHERE leases.holder = EXCLUDED.holder OR leases.until < clock_timestamp() OR leases.until > clock_timestamp() + $3 + interval '15 minutes'
        RETURNING clock_timestamp()
        """;

    /// <summary>This process, as it stands in the leases.</summary>
    public Guid Holder { get; } = Guid.CreateVersion7(clock.GetUtcNow());

    /// <summary>The time by which what is over is over for everybody: one clock that is ahead, this one or the database's, must not delete what lives.</summary>
    /// <param name="there">The time of the database.</param>
    public DateTimeOffset Earlier(DateTimeOffset there) => clock.GetUtcNow() is var here && here < there ? here : there;

    /// <summary>Takes or keeps a lease; gives the time of the database, or null when another replica holds it. What is done under a lease goes by that time: it is done for all replicas.</summary>
    /// <exception cref="NpgsqlException">The database does not answer.</exception>
    public async Task<DateTimeOffset?> TakeAsync(string name, TimeSpan duration, CancellationToken cancellationToken)
    {
        await using var command = dataSource.CreateCommand(Take, Sql.Value(name), Sql.Value(Holder), Sql.Value(duration));
        return await command.ExecuteScalarAsync(cancellationToken) is DateTime now ? now : null;
    }
}
