using System.Data.Common;
using AuthPlatform.ServiceDefaults;
using Microsoft.EntityFrameworkCore.Diagnostics;

namespace AuthPlatform.MigrationWorker;

/// <summary>
/// <see cref="VanishedClients.Statements"/> for the connections of a context, each time it takes one. Not once for its pool: what a migration sets for itself must be forgotten when it
/// gives its connection back.
/// </summary>
internal sealed class VanishedClientInterceptor : DbConnectionInterceptor
{
    public override void ConnectionOpened(DbConnection connection, ConnectionEndEventData eventData)
    {
        using var command = connection.CreateCommand();
        command.CommandText = VanishedClients.Statements;
        command.ExecuteNonQuery();
    }

    public override async Task ConnectionOpenedAsync(DbConnection connection, ConnectionEndEventData eventData, CancellationToken cancellationToken = default)
    {
        await using var command = connection.CreateCommand();
        command.CommandText = VanishedClients.Statements;
        await command.ExecuteNonQueryAsync(cancellationToken);
    }
}
