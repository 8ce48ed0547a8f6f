using Aspire.Npgsql.EntityFrameworkCore.PostgreSQL;
using AuthPlatform.ServiceDefaults.Stores;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Npgsql;

namespace Microsoft.Extensions.Hosting;

/// <summary>
/// The twins of Aspire's PostgreSQL client integrations (packages Aspire.Npgsql and Aspire.Npgsql.EntityFrameworkCore.PostgreSQL): same names of methods and parameters, so that
/// services compile against either. They take the connection string of the given name; the one for data sources adds a health check.
/// </summary>
public static class NpgsqlClientExtensions
{
    /// <summary>A database that takes longer to say that it is there counts as away.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    /// <summary>Registers <see cref="NpgsqlDataSource"/> for <c>ConnectionStrings:{connectionName}</c>.</summary>
    public static void AddNpgsqlDataSource(
        this IHostApplicationBuilder builder,
        string connectionName,
        Action<NpgsqlDataSourceBuilder>? configureDataSourceBuilder = null)
    {
        builder.Services.AddNpgsqlDataSource(builder.RequireDatabase(connectionName), dataSource => configureDataSourceBuilder?.Invoke(dataSource));
        // One for all questions: it remembers what it saw.
        builder.Services.TryAddSingleton<NpgsqlHealthCheck>();
        builder.Services.AddHealthChecks().AddCheck<NpgsqlHealthCheck>("PostgreSql", timeout: Patience);
    }

    /// <summary>Registers a pooled <typeparamref name="TContext"/> for <c>ConnectionStrings:{connectionName}</c>.</summary>
    public static void AddNpgsqlDbContext<TContext>(
        this IHostApplicationBuilder builder,
        string connectionName,
        Action<NpgsqlEntityFrameworkCorePostgreSQLSettings>? configureSettings = null,
        Action<DbContextOptionsBuilder>? configureDbContextOptions = null)
        where TContext : DbContext
    {
        var settings = new NpgsqlEntityFrameworkCorePostgreSQLSettings { ConnectionString = builder.RequireDatabase(connectionName) };
        configureSettings?.Invoke(settings);
        builder.Services.AddDbContextPool<TContext>(options =>
        {
            options.UseNpgsql(settings.ConnectionString, npgsql =>
            {
                if (!settings.DisableRetry)
                {
                    npgsql.EnableRetryOnFailure();
                }
            });
            configureDbContextOptions?.Invoke(options);
        });
    }
}
