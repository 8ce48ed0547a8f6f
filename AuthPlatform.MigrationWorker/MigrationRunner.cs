using System.Data;
using System.Data.Common;
using System.Security.Cryptography;
using AuthPlatform.Data.Auth;
using AuthPlatform.Data.Keys;
using AuthPlatform.MigrationWorker.Roles;
using AuthPlatform.ServiceDefaults;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;
using Microsoft.EntityFrameworkCore.Storage;
using Npgsql;

namespace AuthPlatform.MigrationWorker;

/// <summary>Brings both databases to the current schema and sees to the services' roles and the bootstrap application; safe to run again, and by several at once.</summary>
internal sealed partial class MigrationRunner(
    AuthDbContext auth,
    KeysDbContext keys,
    DatabaseTurns turns,
    SetAuditRetention retention,
    EnsureRoles roles,
    BootstrapApplication bootstrap,
    TimeProvider clock,
    ILogger<MigrationRunner> logger)
{
    /// <summary>Runs once; 0 when everything is as it should be, 1 with the reason in one line of the log.</summary>
    public static async Task<int> RunToExitCodeAsync(IHost host)
    {
        var logger = host.Services.GetRequiredService<ILogger<MigrationRunner>>();
        var stopping = host.Services.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping;
        try
        {
            await host.StartAsync(stopping);
            Log.Starts(logger, ServiceVersion.Current);
            await using (var scope = host.Services.CreateAsyncScope())
            {
                await scope.ServiceProvider.GetRequiredService<MigrationRunner>().RunAsync(stopping);
            }

            await host.StopAsync(CancellationToken.None);
            return 0;
        }
        catch (Exception exception) when (ServiceRun.Refusals(exception) is { Count: > 0 } refusals)
        {
            Log.Failed(logger, string.Join(' ', refusals));
        }
        catch (Exception exception) when (exception is DbException or CryptographicException)
        {
            Log.Failed(logger, exception.Message);
        }
        catch (Exception exception) when (exception is RetryLimitExceededException or DbUpdateException)
        {
            Log.Failed(logger, exception.GetBaseException().Message);
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            Log.Failed(logger, "it was told to stop before it was done");
        }

        return 1;
    }

    private async Task RunAsync(CancellationToken cancellationToken)
    {
        // Always in this order, so that two workers cannot wait for each other.
        await using var authTurn = await turns.TakeAsync(auth.Database.GetConnectionString()!, cancellationToken);
        await using var keysTurn = await turns.TakeAsync(keys.Database.GetConnectionString()!, cancellationToken);
        await MigrateAsync(auth, authTurn, cancellationToken);
        await MigrateAsync(keys, keysTurn, cancellationToken);
        await retention.SetAsync(authTurn, cancellationToken);
        await roles.EnsureAsync(authTurn, DatabaseGrants.Auth, cancellationToken);
        await roles.EnsureAsync(keysTurn, DatabaseGrants.Keys, cancellationToken);
        await bootstrap.EnsureAsync(cancellationToken);
        Log.Done(logger);
    }

    private async Task MigrateAsync(DbContext context, NpgsqlConnection turn, CancellationToken cancellationToken)
    {
        // Otherwise EF's first look for it fails on a new database and is logged as an error.
        await context.GetService<IHistoryRepository>().CreateIfNotExistsAsync(cancellationToken);
        var pending = await context.Database.GetPendingMigrationsAsync(cancellationToken);
        // An index on a big table takes as long as it takes: given up after half a minute, it would be begun anew for ever.
        context.Database.SetCommandTimeout(0);
        await new LiveMigration(context, turn, clock, logger).ApplyAsync(cancellationToken);
        Log.Migrated(logger, context.Database.GetDbConnection().Database, string.Join(", ", pending) is { Length: > 0 } applied ? applied : "nothing to do");
        if (turn.State != ConnectionState.Open)
        {
            // What comes next needs it, and another worker may be at that.
            throw new NpgsqlException($"the session that keeps other workers from {turn.Database} has ended meanwhile. It is migrated; run this again for the rest");
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Information, "Migrated {Database}: {Applied}")]
        public static partial void Migrated(ILogger logger, string database, string applied);

        [LoggerMessage(2, LogLevel.Information, "Both databases are ready")]
        public static partial void Done(ILogger logger);

        [LoggerMessage(3, LogLevel.Critical, "The databases are not ready: {Reason}")]
        public static partial void Failed(ILogger logger, string reason);

        [LoggerMessage(4, LogLevel.Information, "This is AuthPlatform.MigrationWorker {Version}")]
        public static partial void Starts(ILogger logger, string version);
    }
}
