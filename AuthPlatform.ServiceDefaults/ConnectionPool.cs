using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace AuthPlatform.ServiceDefaults;

/// <summary>How many connections a process may hold. A PostgreSQL server allows a hundred by default, which all replicas of all services share.</summary>
public static class ConnectionPool
{
    /// <summary>The connection string with at most so many connections, instead of the driver's hundred.</summary>
    public static string Limit(string? connectionString, int connections) =>
        new NpgsqlConnectionStringBuilder(connectionString) { MaxPoolSize = connections }.ConnectionString;

    /// <summary>Gives the pool of a context a name for its metrics: by default that is the connection string, with whatever stands in it.</summary>
    public static void NamePool(this DbContextOptionsBuilder options, string name) => options.UseNpgsql(npgsql => npgsql.ConfigureDataSource(dataSource => dataSource.Name = name));
}
