using System.Data.Common;
using Microsoft.EntityFrameworkCore.Diagnostics;

namespace AuthPlatform.ServiceDefaults;

/// <summary><see cref="VanishedClients.Statements"/> for the connections of a context, each time it takes one.</summary>
public sealed class VanishedClientInterceptor : DbConnectionInterceptor
{
    /// <inheritdoc/>
    public override void ConnectionOpened(DbConnection connection, ConnectionEndEventData eventData)
    {
        using var command = connection.CreateCommand();
        command.CommandText = VanishedClients.Statements;
        command.ExecuteNonQuery();
    }

    /// <inheritdoc/>
    public override async Task ConnectionOpenedAsync(DbConnection connection, ConnectionEndEventData eventData, CancellationToken cancellationToken = default)
    {
        await using var command = connection.CreateCommand();
        command.CommandText = VanishedClients.Statements;
        await command.ExecuteNonQueryAsync(cancellationToken);
    }
}
