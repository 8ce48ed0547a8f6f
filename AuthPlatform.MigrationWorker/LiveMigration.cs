using System.Data;
using AuthPlatform.Data;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace AuthPlatform.MigrationWorker;

/// <summary>
/// Brings a database to the current schema while services work with it. A migration that changes a table waits for whoever is at it, and everybody who comes later waits behind: so
/// it does not wait for long, lets the others go on, and tries again, until it has found the table free. What has to take long, such as making an index, takes as long as it takes
/// once it has the table; a migration that waits by design for more, as one that makes an index concurrently does, has to set its own lock_timeout.
/// </summary>
/// <param name="context">Of the database.</param>
/// <param name="other">A connection to the same database, to look at the one that waits.</param>
/// <param name="clock">Tells when to try again.</param>
/// <param name="logger">Hears who is in the way.</param>
internal sealed partial class LiveMigration(DbContext context, NpgsqlConnection other, TimeProvider clock, ILogger logger)
{
    /// <summary>
    /// Longer than the second (deadlock_timeout) after which the server ends an autovacuum that is in the way, and short enough for sign-ins to wait: each waits for a second, and
    /// then for another.
    /// </summary>
    private const string WaitNoLonger = "SET lock_timeout = '1500ms'";

    private const string FindHolders =
        """
        SELECT string_agg(DISTINCT format('%s is used by process %s (%s)', w.relation::regclass, a.pid, concat_ws(', ', a.usename, nullif(a.application_name, ''), a.backend_type)), '; ')
        FROM pg_locks AS w CROSS JOIN LATERAL unnest(pg_blocking_pids(w.pid)) AS b (pid) JOIN pg_stat_activity AS a ON a.pid = b.pid
        WHERE w.pid = $1 AND NOT w.granted AND w.relation IS NOT NULL
        """;

    /// <summary>It says again who is in the way, about once a minute.</summary>
    private const int TriesToTell = 10;

    /// <summary>In between, everybody else is at work.</summary>
    private static readonly TimeSpan BetweenTries = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan BetweenLooks = TimeSpan.FromMilliseconds(250);

    private string? _holders;

    /// <summary>Ends when there is nothing left to do.</summary>
    public async Task ApplyAsync(CancellationToken cancellationToken)
    {
        string? told = null;
        // The strategy is for connections that break, and gives up in the end. That a table is in use is no failure.
        for (var tries = 0; !await context.Database.CreateExecutionStrategy().ExecuteAsync(token => TryAsync(token), cancellationToken); tries++)
        {
            if (tries % TriesToTell == 0 || told != _holders)
            {
                told = _holders;
                Log.Held(logger, context.Database.GetDbConnection().Database, told ?? "it was not seen by whom", BetweenTries.TotalSeconds);
            }

            await Task.Delay(BetweenTries, clock, cancellationToken);
        }
    }

    /// <summary>False when somebody held what it needs. Migrations before that one are done then, and it itself has left nothing behind.</summary>
    private async Task<bool> TryAsync(CancellationToken cancellationToken)
    {
        // One connection from here on: what is set counts for that.
        await context.Database.OpenConnectionAsync(cancellationToken);
        try
        {
            await context.Database.ExecuteSqlRawAsync(WaitNoLonger, cancellationToken);
            var process = ((NpgsqlConnection)context.Database.GetDbConnection()).ProcessID;
            // EF opens a transaction for each migration itself, and refuses to work inside another.
            var migration = context.Database.MigrateAsync(cancellationToken);
            while (await Task.WhenAny(migration, Task.Delay(BetweenLooks, clock, CancellationToken.None)) != migration)
            {
                _holders = await FindHoldersAsync(process) ?? _holders;
            }

            await migration;
            return true;
        }
        catch (Exception exception) when (exception.GetBaseException() is PostgresException { SqlState: PostgresErrorCodes.LockNotAvailable })
        {
            return false;
        }
        finally
        {
            await context.Database.CloseConnectionAsync();
        }
    }

    /// <summary>Null when it waits for nobody, or that cannot be read, also because the other session has ended, which is no reason to stop: it is for the log.</summary>
    private async Task<string?> FindHoldersAsync(int process)
    {
        if (other.State != ConnectionState.Open)
        {
            return null;
        }

        try
        {
            await using var find = new NpgsqlCommand(FindHolders, other) { Parameters = { Sql.Value(process) } };
            return await find.ExecuteScalarAsync(CancellationToken.None) as string;
        }
        catch (NpgsqlException)
        {
            return null;
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "The migration of {Database} needs a table that is in use: {Holders}. Everybody goes on working; it tries again every {Seconds} s until the table is free")]
        public static partial void Held(ILogger logger, string database, string holders, double seconds);
    }
}
