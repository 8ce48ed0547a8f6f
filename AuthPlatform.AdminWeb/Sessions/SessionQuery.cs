using AuthPlatform.AdminWeb.Applications;
using AuthPlatform.Data;
using Npgsql;
using NpgsqlTypes;

namespace AuthPlatform.AdminWeb.Sessions;

/// <summary>
/// Reads sessions in the order of their ids, which is that of their beginnings. Whatever is asked for, one index has the rows in that order, or they are few:
/// the page after a million others costs as much as the first.
/// </summary>
internal sealed class SessionQuery([FromKeyedServices(AdminWebServices.Searches)] NpgsqlDataSource dataSource)
{
    private const string Columns =
        """
        SELECT s.id, s.application_id, a.client_id, a.name, s.unique_key, s.device, s.ip, s.generation, s.key_id, s.created_at, s.refreshed_at, s.idle_expires_at, s.absolute_expires_at
        """;

    /// <summary>The ids of the signing keys in use; a few for each application, found without reading the sessions between them.</summary>
    private const string EachKey =
        """
        unnest($1) AS app (id) CROSS JOIN LATERAL (
            WITH RECURSIVE k (key_id) AS (
                (SELECT key_id FROM sessions WHERE application_id = app.id ORDER BY key_id LIMIT 1)
                UNION ALL
                SELECT (SELECT s.key_id FROM sessions s WHERE s.application_id = app.id AND s.key_id > k.key_id ORDER BY s.key_id LIMIT 1) FROM k WHERE k.key_id IS NOT NULL)
            SELECT key_id FROM k WHERE key_id IS NOT NULL) AS k
        """;

    /// <summary>Reads a part of what is found.</summary>
    /// <param name="search">What is looked for.</param>
    /// <param name="scope">Where.</param>
    /// <param name="part">Which part.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="TooMuchToSearchException">It takes too long.</exception>
    public async Task<IReadOnlyList<SessionRow>> ReadAsync(SessionSearch search, ApplicationScope scope, Part part, CancellationToken cancellationToken)
    {
        if (IsImpossible(search, scope))
        {
            return [];
        }

        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        await using var command = Command(connection, search, scope, part);
        try
        {
            await using var reader = await command.ExecuteReaderAsync(cancellationToken);
            return await reader.ReadAllAsync(SessionRow.Read, cancellationToken);
        }
        catch (NpgsqlException exception) when (TooMuchToSearchException.Is(exception))
        {
            throw new TooMuchToSearchException(exception);
        }
    }

    /// <summary>How many are found, counted up to a limit.</summary>
    /// <exception cref="TooMuchToSearchException">It takes too long.</exception>
    public async Task<long> CountAsync(SessionSearch search, ApplicationScope scope, int limit, CancellationToken cancellationToken)
    {
        if (IsImpossible(search, scope))
        {
            return 0;
        }

        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        await using var command = Command(connection, search, scope, new Part(null, null, true, limit), "SELECT count(*) FROM found");
        try
        {
            return (long)(await command.ExecuteScalarAsync(cancellationToken))!;
        }
        catch (NpgsqlException exception) when (TooMuchToSearchException.Is(exception))
        {
            throw new TooMuchToSearchException(exception);
        }
    }

    private static bool IsImpossible(SessionSearch search, ApplicationScope scope) =>
        scope.IsEmpty || search.LacksApplication || (search.Session is not null && search.SessionId is null);

    /// <summary>What is asked of the database for a page; the benchmark looks at its plans.</summary>
    internal static NpgsqlCommand Command(NpgsqlConnection connection, SessionSearch search, ApplicationScope scope, Part part) =>
        Command(connection, search, scope, part, $"{Columns} FROM found JOIN sessions s ON s.id = found.id JOIN applications a ON a.id = s.application_id ORDER BY s.id {part.Order}");

    private static NpgsqlCommand Command(NpgsqlConnection connection, SessionSearch search, ApplicationScope scope, Part part, string select)
    {
        // Ids first: of many applications each may have a whole page, and only one page of all of them is read from the table.
        // Parameters keep their places, used or not.
        var conditions = string.Concat(
            search.User is null ? "" : " AND s.unique_key = $2",
            search.DeviceHash is null ? "" : " AND s.device_hash = $3",
            search.Ip is null ? "" : " AND s.ip = $4",
            search.SessionId is null ? "" : " AND s.id = $5",
            search.Key is null ? "" : " AND s.key_id = $6",
            part.After is null ? "" : " AND s.id > $7",
            part.Before is null ? "" : " AND s.id < $8");
        var rows = $"ORDER BY s.id {part.Order} LIMIT $9";
        var found = search switch
        {
            { SessionId: not null } or { User: null, DeviceHash: not null } or { User: null, Ip: not null } =>
                $"SELECT s.id FROM sessions s WHERE ($1::uuid[] IS NULL OR s.application_id = ANY($1)){conditions} {rows}",
            { User: not null } when scope.Ids is null =>
                $"SELECT s.id FROM applications app CROSS JOIN LATERAL (SELECT s.id FROM sessions s WHERE s.application_id = app.id{conditions} {rows}) AS s {rows}",
            { User: not null } =>
                $"SELECT s.id FROM unnest($1) AS app (id) CROSS JOIN LATERAL (SELECT s.id FROM sessions s WHERE s.application_id = app.id{conditions} {rows}) AS s {rows}",
            _ when scope.Ids is null => $"SELECT s.id FROM sessions s WHERE true{conditions} {rows}",
            { Key: not null } =>
                $"SELECT s.id FROM unnest($1) AS app (id) CROSS JOIN LATERAL (SELECT s.id FROM sessions s WHERE s.application_id = app.id{conditions} {rows}) AS s {rows}",
            _ => $"SELECT s.id FROM {EachKey} CROSS JOIN LATERAL (SELECT s.id FROM sessions s WHERE s.application_id = app.id AND s.key_id = k.key_id{conditions} {rows}) AS s {rows}",
        };
        var command = new NpgsqlCommand($"WITH found AS ({found}) {select}", connection);
        Add(NpgsqlDbType.Array | NpgsqlDbType.Uuid, scope.Ids);
        Add(NpgsqlDbType.Text, search.User);
        Add(NpgsqlDbType.Bytea, search.DeviceHash);
        Add(NpgsqlDbType.Text, search.Ip);
        Add(NpgsqlDbType.Uuid, search.SessionId);
        Add(NpgsqlDbType.Text, search.Key);
        Add(NpgsqlDbType.Uuid, part.After);
        Add(NpgsqlDbType.Uuid, part.Before);
        Add(NpgsqlDbType.Integer, part.Limit);
        return command;

        void Add(NpgsqlDbType type, object? value) => command.Parameters.Add(new NpgsqlParameter { NpgsqlDbType = type, Value = value ?? DBNull.Value });
    }
}

/// <summary>Which part of a list is read.</summary>
/// <param name="After">Ids above this; null for all.</param>
/// <param name="Before">Ids below this; null for all.</param>
/// <param name="IsAscending">Whether the oldest come first.</param>
/// <param name="Limit">How many at most.</param>
internal sealed record Part(Guid? After, Guid? Before, bool IsAscending, int Limit)
{
    public string Order => IsAscending ? "ASC" : "DESC";
}

/// <summary>A session as a list shows it. What it says of the user is the application's word.</summary>
internal sealed record SessionRow(
    Guid Id,
    Guid ApplicationId,
    string ClientId,
    string ApplicationName,
    string UniqueKey,
    string Device,
    string Ip,
    int Generation,
    string KeyId,
    DateTimeOffset CreatedAt,
    DateTimeOffset RefreshedAt,
    DateTimeOffset IdleExpiresAt,
    DateTimeOffset AbsoluteExpiresAt)
{
    public static SessionRow Read(NpgsqlDataReader reader) => new(
        reader.GetGuid(0),
        reader.GetGuid(1),
        reader.GetString(2),
        reader.GetString(3),
        reader.GetString(4),
        reader.GetString(5),
        reader.GetString(6),
        reader.GetInt32(7),
        reader.GetString(8),
        reader.GetFieldValue<DateTimeOffset>(9),
        reader.GetFieldValue<DateTimeOffset>(10),
        reader.GetFieldValue<DateTimeOffset>(11),
        reader.GetFieldValue<DateTimeOffset>(12));
}
