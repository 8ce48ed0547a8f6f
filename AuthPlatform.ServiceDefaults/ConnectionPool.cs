using Npgsql;

namespace AuthPlatform.ServiceDefaults;

/// <summary>How many connections a process may hold. A PostgreSQL server allows a hundred by default, which all replicas of all services share.</summary>
public static class ConnectionPool
{
    /// <summary>The connection string with at most so many connections, instead of the driver's hundred.</summary>
    public static string Limit(string? connectionString, int connections) =>
        new NpgsqlConnectionStringBuilder(connectionString) { MaxPoolSize = connections }.ConnectionString;
}
