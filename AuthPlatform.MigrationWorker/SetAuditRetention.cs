using System.Globalization;
using Microsoft.Extensions.Options;
using Npgsql;

namespace AuthPlatform.MigrationWorker;

/// <summary>Tells the database how long events of the audit are kept. It is a function because only the owner can change that.</summary>
internal sealed class SetAuditRetention(IOptions<AuditOptions> options)
{
    public async Task SetAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        var days = options.Value.RetentionDays.ToString(CultureInfo.InvariantCulture);
        await using var command = new NpgsqlCommand($"CREATE OR REPLACE FUNCTION audit_retention() RETURNS interval LANGUAGE sql IMMUTABLE AS $$ SELECT interval '{days} days' $$", connection);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }
}
