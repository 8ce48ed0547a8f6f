using System.Security.Cryptography;
using AuthPlatform.Contracts;
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
    public const long LockKey = 0x41757468506C6174;

    private static readonly TimeSpan BetweenTries = TimeSpan.FromSeconds(1);

    /// <summary>A number that only this worker has locked, and only where it has its turn; null before it has one.</summary>
    private long? _mark;

    /// <summary>
    /// Waits for the server, creates the database when it is missing, and returns a connection once nobody else holds it. Disposing that ends the turn. A database where this worker
    /// has its turn already is refused: it would wait for itself for ever.
    /// </summary>
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

    private async Task<NpgsqlConnection> LockAsync(NpgsqlConnectionStringBuilder settings, CancellationToken cancellationToken)
    {
        var connection = await OpenAsync(settings.ConnectionString, settings.Database, cancellationToken);
        try
        {
            // A worker whose machine is gone does not keep the turn from the next one for hours.
            await using var notice = new NpgsqlCommand(VanishedClients.Statements, connection);
            await notice.ExecuteNonQueryAsync(cancellationToken);
            if (_mark is { } taken && !await TryAsync(connection, "SELECT pg_try_advisory_xact_lock($1)", taken, cancellationToken))
            {
                throw Refusal(
                    $"ConnectionStrings__{ResourceNames.AuthDatabase} and ConnectionStrings__{ResourceNames.KeysDatabase} name the same database, {settings.Database}: each needs one of its own.");
            }

            if (!await TryAsync(connection, "SELECT pg_try_advisory_lock($1)", LockKey, cancellationToken))
            {
                Log.WaitingForTurn(logger, settings.Database);
                await WaitAsync(connection, LockKey, cancellationToken);
            }

            // Last, and known to this worker only then: where it has tried in vain before, it has no turn.
            var mark = BitConverter.ToInt64(RandomNumberGenerator.GetBytes(sizeof(long)));
            await WaitAsync(connection, mark, cancellationToken);
            _mark = mark;
            return connection;
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    private static async Task<bool> TryAsync(NpgsqlConnection connection, string tryLock, long key, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(tryLock, connection) { Parameters = { Sql.Value(key) } };
        return await command.ExecuteScalarAsync(cancellationToken) is true;
    }

    private static async Task WaitAsync(NpgsqlConnection connection, long key, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand("SELECT pg_advisory_lock($1)", connection) { CommandTimeout = 0, Parameters = { Sql.Value(key) } };
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <summary>Of a server that is too old nothing else is asked.</summary>
    private static async Task<NpgsqlConnection> OpenAsync(string connectionString, string? database, CancellationToken cancellationToken)
    {
        var connection = new NpgsqlConnection(connectionString);
        try
        {
            await connection.OpenAsync(cancellationToken);
            return PostgresVersion.Problem(database, connection.PostgreSqlVersion) is { } problem ? throw Refusal(problem) : connection;
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
        await using var connection = await OpenAsync(maintenance.ConnectionString, settings.Database, cancellationToken);
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

    private static OptionsValidationException Refusal(string reason) => new(MigrationOptions.Section, typeof(MigrationOptions), [reason]);

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Information, "Waiting for the server of {Database}, {Elapsed} of at most {Limit} s: {Reason}")]
        public static partial void Waiting(ILogger logger, string? database, int elapsed, int limit, string reason);

        [LoggerMessage(2, LogLevel.Information, "Created the database {Database}")]
        public static partial void Created(ILogger logger, string database);

        [LoggerMessage(3, LogLevel.Information, "Another worker is at {Database}: this one waits until that is done")]
        public static partial void WaitingForTurn(ILogger logger, string? database);
    }
}
