using System.CommandLine;
using System.Data.Common;
using System.Security.Cryptography;
using Aspire.Npgsql.EntityFrameworkCore.PostgreSQL;
using AuthPlatform.Cli.Output;
using AuthPlatform.Contracts;
using AuthPlatform.Data.Auth;
using AuthPlatform.Data.Encryption;
using AuthPlatform.Data.Keys;
using AuthPlatform.KeyManager;
using AuthPlatform.KeyManager.Keys;
using AuthPlatform.ServiceDefaults;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Npgsql;
using StackExchange.Redis;

namespace AuthPlatform.Cli.Running;

/// <summary>Runs a command with what it needs, and turns whatever may go wrong outside of it into one sentence and an exit code.</summary>
internal static class Runner
{
    /// <summary>Makes the handler the command's action.</summary>
    public static void Run(this Command command, Terminal terminal, Stores needed, Func<Invocation, Task<int>> handler) =>
        command.SetAction(async (arguments, cancellation) =>
        {
            var (settings, failure) = OperatorSettings.Read(arguments.GetValue(GlobalOptions.Settings));
            if ((failure ?? OperatorSettings.Missing(settings!, needed) ?? OperatorSettings.Unreadable(settings!) ?? OperatorName.Problem(settings!)) is { } reason)
            {
                terminal.Error.WriteLine($"error: {reason}");
                return ExitCodes.Failed;
            }

            try
            {
                using var host = Build(settings!, terminal.Clock);
                await using var scope = host.Services.CreateAsyncScope();
                var invocation = new Invocation(arguments, scope.ServiceProvider, terminal, cancellation);
                // Before anything is written: what is missing or wrong must not be noticed half-way.
                if (needed.HasFlag(Stores.Encryption))
                {
                    _ = invocation.Cipher;
                }

                if (needed.HasFlag(Stores.KeysDatabase))
                {
                    _ = invocation.KeyDefaults;
                }

                return await handler(invocation);
            }
            catch (Exception exception) when (Explain(exception) is { } explanation)
            {
                terminal.Error.WriteLine($"error: {Text.Printable(explanation)}");
                return ExitCodes.Failed;
            }
        });

    /// <summary>What says that a database does not answer, or not as it should; null when it is something else.</summary>
    public static Exception? Outage(Exception exception) => (Exception?)Cause<DbException>(exception) ?? Cause<TimeoutException>(exception);

    /// <summary>What keeps Redis from being used, as part of a sentence; null when it is something else. The messages of the exceptions may repeat the password.</summary>
    public static string? RedisOutage(Exception exception) => exception switch
    {
        RedisException or TimeoutException => "Redis does not answer",
        ArgumentException { Source: "StackExchange.Redis" } => "ConnectionStrings__redis cannot be read: it must be like host:6379,password=…",
        _ => null,
    };

    /// <summary>The same registrations as the services', without what only a service needs.</summary>
    private static IHost Build(IConfiguration settings, TimeProvider clock)
    {
        // In the environment in which the Key Manager is: it decides by that which of its settings are refused.
        var builder = Host.CreateEmptyApplicationBuilder(new() { EnvironmentName = settings["DOTNET_ENVIRONMENT"] ?? settings["ASPNETCORE_ENVIRONMENT"] });
        builder.Configuration.AddConfiguration(settings);
        builder.Services.AddSingleton(clock);
        builder.AddEnvelopeEncryption();
        if (settings.GetConnectionString(ResourceNames.AuthDatabase) is { Length: > 0 })
        {
            builder.AddNpgsqlDbContext<AuthDbContext>(ResourceNames.AuthDatabase, AsOneOfMany, LetGoWhenGone);
        }

        if (settings.GetConnectionString(ResourceNames.KeysDatabase) is { Length: > 0 })
        {
            builder.AddNpgsqlDbContext<KeysDbContext>(ResourceNames.KeysDatabase, AsOneOfMany, LetGoWhenGone);
            builder.AddNpgsqlDataSource(ResourceNames.KeysDatabase, configureDataSourceBuilder: dataSource =>
            {
                dataSource.ConnectionStringBuilder.MaxPoolSize = OperatorSettings.MostConnections;
                dataSource.NoticeVanishedClients();
            });
            builder.Services.AddMetrics();
            builder.Services.AddKeyStore();
            // One key is made when it is needed; nobody waits for a second one.
            builder.Services.Configure<KeyOptions>(keys => keys.ReadyKeys = 0);
        }

        if (settings.GetConnectionString(ResourceNames.Redis) is { Length: > 0 })
        {
            builder.AddRedisClient(ResourceNames.Redis, redis => redis.DisableHealthChecks = true, options =>
            {
                options.ConnectTimeout = 2000;
                options.ConnectRetry = 1;
                // The client counts INFO, which doctor asks, among the commands of administrators.
                options.AllowAdmin = true;
            });
        }

        return builder.Build();
    }

    private static void AsOneOfMany(NpgsqlEntityFrameworkCorePostgreSQLSettings database)
    {
        database.ConnectionString = ConnectionPool.Limit(database.ConnectionString, OperatorSettings.MostConnections);
        (database.DisableRetry, database.DisableHealthChecks) = (true, true);
    }

    /// <summary>An operator's machine loses its network in the middle of an import, and the services go on.</summary>
    private static void LetGoWhenGone(DbContextOptionsBuilder options) => options.NoticeVanishedClients();

    private static string? Explain(Exception exception) => exception switch
    {
        OptionsValidationException invalid => string.Join(' ', invalid.Failures),
        DbUpdateConcurrencyException => "Somebody else changed the same at this moment. Look at it again, then decide.",
        PostgresException { SqlState: PostgresErrorCodes.UniqueViolation }
            or DbUpdateException { InnerException: PostgresException { SqlState: PostgresErrorCodes.UniqueViolation } } =>
            "Somebody else added the same at this moment. Look at it again, then decide.",
        CryptographicException => exception.Message,
        // A setting that is no number, say.
        InvalidOperationException { InnerException: FormatException or OverflowException } => exception.Message,
        OperationCanceledException => "It was interrupted.",
        _ => Cause<PostgresException>(exception) switch
        {
            { SqlState: PostgresErrorCodes.UndefinedTable or PostgresErrorCodes.UndefinedColumn or PostgresErrorCodes.InvalidCatalogName } unmigrated =>
                $"The database is not at the version of this command line ({unmigrated.MessageText}). Run the Migration Worker of this version first.",
            { } refused => $"The database refused it: {refused.MessageText}",
            null => Cause<DbException>(exception) is { } away ? $"The database does not answer: {away.Message}" : null,
        },
    };

    /// <summary>EF Core wraps what the database said.</summary>
    private static T? Cause<T>(Exception? exception)
        where T : Exception => exception as T ?? (exception is null ? null : Cause<T>(exception.InnerException));
}
