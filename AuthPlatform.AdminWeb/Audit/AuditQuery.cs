using AuthPlatform.AdminWeb.Applications;
using AuthPlatform.AdminWeb.Components;
using AuthPlatform.Data;
using Npgsql;
using NpgsqlTypes;

namespace AuthPlatform.AdminWeb.Audit;

/// <summary>Reads events in the order of their times, each page from where the one before ended.</summary>
internal sealed class AuditQuery([FromKeyedServices(AdminWebServices.Searches)] NpgsqlDataSource dataSource)
{
    private const string Columns = "e.occurred_at, e.id, e.client_id, e.kind, e.code, e.session_id, e.unique_key, e.address, e.actor, e.count, e.details::text";

    /// <summary>As many events as are read at most for being merged.</summary>
    private const int MostMerged = 50_000;

    /// <summary>Reads events older than a place, newest first, or newer than it, oldest first.</summary>
    public async Task<IReadOnlyList<AuditRow>> ReadAsync(AuditSearch search, ApplicationScope scope, Cursor? cursor, int limit, CancellationToken cancellationToken)
    {
        if (scope.IsEmpty || search.IsImpossible)
        {
            return [];
        }

        await using var command = Command(search, scope, cursor, limit);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        return await reader.ReadAllAsync(AuditRow.Read, cancellationToken);
    }

    /// <summary>What is asked of the database; the benchmark looks at its plans.</summary>
    internal NpgsqlCommand Command(AuditSearch search, ApplicationScope scope, Cursor? cursor, int limit)
    {
        var isAscending = cursor is { IsNewer: true };
        var order = isAscending ? "e.occurred_at, e.id" : "e.occurred_at DESC, e.id DESC";
        // Parameters keep their places, used or not.
        var conditions = string.Concat(
            search.Kind is null ? "" : " AND e.kind = $2",
            // Names are compared as people sign in with them: capitals do not matter.
            search.Actor is null ? "" : " AND e.actor = coalesce((SELECT a.user_name FROM administrators a WHERE a.normalized_user_name = upper($3)), $3)",
            search.Address is null ? "" : " AND e.address = $4",
            search.From is null ? "" : " AND e.occurred_at >= $5",
            search.To is null ? "" : " AND e.occurred_at < $6",
            cursor is null ? "" : isAscending ? " AND (e.occurred_at, e.id) > ($7, $8)" : " AND (e.occurred_at, e.id) < ($7, $8)",
            search.User is null ? "" : " AND e.unique_key = $11",
            search.Session is null ? "" : " AND e.session_id = $12");
        // Events of a session, a user or a person are few, whosever they are. Other events of one application are in order by its indexes; those of several are
        // merged, since each application has its own in order, and may have all that are asked for. Where that would be too many to read, the applications are many or all of their
        // events are wanted: those are near each other in the order of all.
        var isNear = (search.Session ?? search.User ?? search.Actor) is not null || (long)(scope.Ids?.Length ?? 0) * limit > MostMerged;
        var command = dataSource.CreateCommand(scope.Ids switch
        {
            null => $"SELECT {Columns} FROM audit_events e WHERE true{conditions} ORDER BY {order} LIMIT $9",
            [_] => $"SELECT {Columns} FROM audit_events e WHERE e.application_id = $10{conditions} ORDER BY {order} LIMIT $9",
            _ when isNear => $"SELECT {Columns} FROM audit_events e WHERE e.application_id = ANY($1){conditions} ORDER BY {order} LIMIT $9",
            _ => $"SELECT {Columns} FROM unnest($1) AS app (id) CROSS JOIN LATERAL (SELECT * FROM audit_events e WHERE e.application_id = app.id{conditions} ORDER BY {order} LIMIT $9) AS e ORDER BY {order} LIMIT $9",
        });
        Add(NpgsqlDbType.Array | NpgsqlDbType.Uuid, scope.Ids);
        Add(NpgsqlDbType.Text, search.Kind);
        Add(NpgsqlDbType.Text, search.Actor);
        Add(NpgsqlDbType.Text, search.Address);
        Add(NpgsqlDbType.TimestampTz, search.From?.UtcDateTime);
        Add(NpgsqlDbType.TimestampTz, search.To?.UtcDateTime);
        Add(NpgsqlDbType.TimestampTz, cursor?.At.UtcDateTime);
        Add(NpgsqlDbType.Uuid, cursor?.Id);
        Add(NpgsqlDbType.Integer, limit);
        Add(NpgsqlDbType.Uuid, scope.Ids is [var only] ? only : null);
        Add(NpgsqlDbType.Text, search.User);
        Add(NpgsqlDbType.Uuid, search.SessionId);
        return command;

        void Add(NpgsqlDbType type, object? value) => command.Parameters.Add(new NpgsqlParameter { NpgsqlDbType = type, Value = value ?? DBNull.Value });
    }
}

/// <summary>An event as a list shows it.</summary>
internal sealed record AuditRow(
    DateTimeOffset OccurredAt,
    Guid Id,
    string? ClientId,
    string Kind,
    string? Code,
    Guid? SessionId,
    string? UniqueKey,
    string? Address,
    string? Actor,
    int Count,
    string? Details)
{
    public static AuditRow Read(NpgsqlDataReader reader) => new(
        reader.GetFieldValue<DateTimeOffset>(0),
        reader.GetGuid(1),
        Text(reader, 2),
        reader.GetString(3),
        Text(reader, 4),
        reader.IsDBNull(5) ? null : reader.GetGuid(5),
        Text(reader, 6),
        Text(reader, 7),
        Text(reader, 8),
        reader.GetInt32(9),
        Text(reader, 10));

    private static string? Text(NpgsqlDataReader reader, int column) => reader.IsDBNull(column) ? null : reader.GetString(column);
}
