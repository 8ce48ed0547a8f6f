using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace AuthPlatform.ServiceDefaults;

/// <summary>How many connections a process may hold. A PostgreSQL server allows a hundred by default, which all replicas of all services share.</summary>
public static class ConnectionPool
{
    /// <summary>The keyword of a connection string.</summary>
    private const string Lifetime = "Connection Lifetime";

    /// <summary>
    /// The connection string with at most so many connections, instead of the driver's hundred, and, unless it says otherwise itself, none that is older than five minutes, instead of
    /// an hour: nobody looks at this pool, which leaves a server that only reads since a failover by itself.
    /// </summary>
    public static string Limit(string? connectionString, int connections)
    {
        var settings = new NpgsqlConnectionStringBuilder(connectionString) { MaxPoolSize = connections };
        if (!settings.ShouldSerialize(Lifetime))
        {
            settings.ConnectionLifetime = 300;
        }

        return settings.ConnectionString;
    }

    /// <summary>Gives the pool of a context a name for its metrics: by default that is the connection string, with whatever stands in it.</summary>
    public static void NamePool(this DbContextOptionsBuilder options, string name) => options.UseNpgsql(npgsql => npgsql.ConfigureDataSource(dataSource => dataSource.Name = name));
}
