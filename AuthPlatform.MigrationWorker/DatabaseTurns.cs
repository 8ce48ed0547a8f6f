using AuthPlatform.Data;
using AuthPlatform.ServiceDefaults;
using Microsoft.Extensions.Options;
using Npgsql;

namespace AuthPlatform.MigrationWorker;

/// <summary>
/// Lets one worker at a time work on a database, however many start at once, and waits for a server that is not up yet. EF's own lock is not enough: it sits in
/// a table that has to be created first, in a database that has to be created first.
/// </summary>
internal sealed partial class DatabaseTurns(IOptions<MigrationOptions> options, TimeProvider clock, ILogger<DatabaseTurns> logger)
{
    /// <summary>Any number does, as long as nobody else uses it: "AuthPlat" in ASCII.</summary>
    private const long LockKey = 0x41757468506C6174;

    private static readonly TimeSpan BetweenTries = TimeSpan.FromSeconds(1);

    /// <summary>Waits for the server, creates the database when it is missing, and returns a connection once nobody else holds it. Disposing that ends the turn.</summary>
    public async Task<NpgsqlConnection> TakeAsync(string connectionString, CancellationToken cancellationToken)
    {
        // Without a pool, closing ends the session and with it the lock, also when this process is killed.
        var settings = new NpgsqlConnectionStringBuilder(connectionString) { Pooling = false, Timeout = 5 };
        var started = clock.GetTimestamp();
        while (true)
        {
            try
            {
                return await LockAsync(settings, cancellationToken);
            }
            catch (PostgresException missing) when (missing.SqlState == PostgresErrorCodes.InvalidCatalogName)
            {
                await CreateAsync(settings, cancellationToken);
            }
            catch (NpgsqlException exception) when (exception.IsTransient && clock.GetElapsedTime(started).TotalSeconds < options.Value.DatabaseWaitSeconds)
            {
                Log.Waiting(logger, settings.Database, (int)clock.GetElapsedTime(started).TotalSeconds, options.Value.DatabaseWaitSeconds, exception.Message);
                await Task.Delay(BetweenTries, clock, cancellationToken);
            }
        }
    }

    private static async Task<NpgsqlConnection> LockAsync(NpgsqlConnectionStringBuilder settings, CancellationToken cancellationToken)
    {
        var connection = new NpgsqlConnection(settings.ConnectionString);
        try
        {
            await connection.OpenAsync(cancellationToken);
            // A worker whose machine is gone does not keep the turn from the next one for hours.
            await using var notice = new NpgsqlCommand(VanishedClients.Statements, connection);
            await notice.ExecuteNonQueryAsync(cancellationToken);
            await using var command = new NpgsqlCommand("SELECT pg_advisory_lock($1)", connection) { CommandTimeout = 0 };
            command.Parameters.Add(Sql.Value<long>(LockKey));
            await command.ExecuteNonQueryAsync(cancellationToken);
            return connection;
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    private async Task CreateAsync(NpgsqlConnectionStringBuilder settings, CancellationToken cancellationToken)
    {
        // Every server has this database; there must be some to connect to in order to create one.
        var maintenance = new NpgsqlConnectionStringBuilder(settings.ConnectionString) { Database = "postgres" };
        await using var connection = new NpgsqlConnection(maintenance.ConnectionString);
        await connection.OpenAsync(cancellationToken);
        await using var command = new NpgsqlCommand($"CREATE DATABASE \"{settings.Database!.Replace("\"", "\"\"", StringComparison.Ordinal)}\"", connection);
        try
        {
            await command.ExecuteNonQueryAsync(cancellationToken);
            Log.Created(logger, settings.Database);
        }
        catch (PostgresException race) when (race.SqlState is PostgresErrorCodes.DuplicateDatabase or PostgresErrorCodes.UniqueViolation)
        {
            // Another worker was faster by a moment.
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Information, "Waiting for the server of {Database}, {Elapsed} of at most {Limit} s: {Reason}")]
        public static partial void Waiting(ILogger logger, string? database, int elapsed, int limit, string reason);

        [LoggerMessage(2, LogLevel.Information, "Created the database {Database}")]
        public static partial void Created(ILogger logger, string database);
    }
}
