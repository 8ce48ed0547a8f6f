using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace AuthPlatform.ServiceDefaults;

/// <summary>
/// How soon PostgreSQL lets go of what a transaction has locked whose client is gone without a word, because its machine or the network failed: in half a minute. Left to itself
/// it asks after two hours whether the client is still there, and waits a quarter of one for it to take an answer.
/// </summary>
public static class VanishedClients
{
    /// <summary>
    /// Whoever works long or waits for a lock is there all the same, and is not disturbed. Unix sockets need none of it, since the kernel tells when the other end is gone, and are
    /// not affected. Where a server's system cannot do the last one, it says so in its log and goes on without.
    /// </summary>
    private static readonly (string Name, string Value)[] Settings =
        [("tcp_keepalives_idle", "15"), ("tcp_keepalives_interval", "5"), ("tcp_keepalives_count", "3"), ("tcp_user_timeout", "30s")];

    /// <summary>
    /// What a service's role has by default. The last one is for a process that stands still, for which its machine answers: between two statements of a transaction a service
    /// works or waits for seconds at most.
    /// </summary>
    public static IReadOnlyList<(string Name, string Value)> ServiceSettings { get; } = [.. Settings, ("idle_in_transaction_session_timeout", "60s")];

    /// <summary>
    /// Statements for a session of somebody else: the command line and the Migration Worker, who sign in as the owner of the databases. They may take their time, and hold a lock
    /// for their whole session. Not in the connection string, because a pooler in between would refuse it.
    /// </summary>
    public static string Statements { get; } = string.Join("; ", Settings.Select(setting => $"SET {setting.Name} = '{setting.Value}'"));

    /// <summary>The same for all connections of a pool.</summary>
    public static void NoticeVanishedClients(this NpgsqlDataSourceBuilder dataSource)
    {
        // Otherwise it would be forgotten when a connection is given back for the first time.
        dataSource.ConnectionStringBuilder.NoResetOnClose = true;
        dataSource.UsePhysicalConnectionInitializer(
            connection =>
            {
                using var command = new NpgsqlCommand(Statements, connection);
                command.ExecuteNonQuery();
            },
            async connection =>
            {
                await using var command = new NpgsqlCommand(Statements, connection);
                await command.ExecuteNonQueryAsync();
            });
    }

    /// <summary>The same for the pool of a context. Whatever else is set on a connection stays, too, when that is given back: it is for whoever sets nothing.</summary>
    public static void NoticeVanishedClients(this DbContextOptionsBuilder options) =>
        options.UseNpgsql(npgsql => npgsql.ConfigureDataSource(dataSource => dataSource.NoticeVanishedClients()));
}
