using AuthPlatform.Data.Auth;
using Npgsql;
using NpgsqlTypes;

namespace AuthPlatform.TokenApi.Audit;

/// <summary>Adds events to the table in bulk.</summary>
internal sealed class AuditTable(NpgsqlDataSource dataSource)
{
    private const string Copy =
        """
        COPY audit_events (occurred_at, id, application_id, client_id, kind, code, session_id, unique_key, address, actor, count, details) FROM STDIN (FORMAT BINARY)
        """;

    /// <summary>Writes all of them, or none and throws.</summary>
    public async Task WriteAsync(IReadOnlyCollection<AuditEvent> events, CancellationToken cancellationToken)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        await using var rows = await connection.BeginBinaryImportAsync(Copy, cancellationToken);
        foreach (var e in events)
        {
            await rows.StartRowAsync(cancellationToken);
            await rows.WriteAsync(e.OccurredAt.UtcDateTime, NpgsqlDbType.TimestampTz, cancellationToken);
            await rows.WriteAsync(e.Id, NpgsqlDbType.Uuid, cancellationToken);
            await WriteAsync(rows, e.ApplicationId, cancellationToken);
            await WriteAsync(rows, e.ClientId, NpgsqlDbType.Varchar, cancellationToken);
            await WriteAsync(rows, e.Kind, NpgsqlDbType.Varchar, cancellationToken);
            await WriteAsync(rows, e.Code, NpgsqlDbType.Varchar, cancellationToken);
            await WriteAsync(rows, e.SessionId, cancellationToken);
            await WriteAsync(rows, e.UniqueKey, NpgsqlDbType.Varchar, cancellationToken);
            await WriteAsync(rows, e.Address, NpgsqlDbType.Varchar, cancellationToken);
            await WriteAsync(rows, e.Actor, NpgsqlDbType.Varchar, cancellationToken);
            await rows.WriteAsync(e.Count, NpgsqlDbType.Integer, cancellationToken);
            await WriteAsync(rows, e.Details, NpgsqlDbType.Jsonb, cancellationToken);
        }

        await rows.CompleteAsync(cancellationToken);
    }

    private static Task WriteAsync(NpgsqlBinaryImporter rows, Guid? value, CancellationToken cancellationToken) =>
        value is { } id ? rows.WriteAsync(id, NpgsqlDbType.Uuid, cancellationToken) : rows.WriteNullAsync(cancellationToken);

    private static Task WriteAsync(NpgsqlBinaryImporter rows, string? value, NpgsqlDbType type, CancellationToken cancellationToken) =>
        value is null ? rows.WriteNullAsync(cancellationToken) : rows.WriteAsync(value, type, cancellationToken);
}
