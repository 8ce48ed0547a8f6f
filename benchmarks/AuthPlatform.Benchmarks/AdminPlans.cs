using System.Text.Json;
using AuthPlatform.AdminWeb.Applications;
using AuthPlatform.AdminWeb.Audit;
using AuthPlatform.AdminWeb.Components;
using AuthPlatform.AdminWeb.Sessions;
using Microsoft.AspNetCore.WebUtilities;
using Npgsql;

namespace AuthPlatform.Benchmarks;

/// <summary>How the database reads what a page of the administrators' shows: the very commands of the pages, explained.</summary>
internal sealed class AdminPlans(NpgsqlDataSource database)
{
    /// <summary>The big tables that a page's plan reads from end to end; empty when it uses indexes only, or has nothing to do with a big table.</summary>
    /// <param name="path">The address of the page, below <c>/admin</c>.</param>
    /// <param name="owned">What the visitor sees; null for all.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public async Task<string> ReadWholeAsync(string path, Guid[]? owned, CancellationToken cancellationToken)
    {
        var query = QueryHelpers.ParseQuery(path.Contains('?', StringComparison.Ordinal) ? path[path.IndexOf('?', StringComparison.Ordinal)..] : "");
        string? Of(string name) => query.TryGetValue(name, out var value) ? value.ToString() : null;
        var scope = new ApplicationScope(await NarrowAsync(owned, Of("app"), cancellationToken));
        var (cursor, limit) = (Cursor.Read(Of("at")), PageSize.Read(Of("size")) + 1);
        var part = cursor is { IsNewer: true } ? new Part(cursor.Id, null, true, limit) : new Part(null, cursor?.Id, false, limit);
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var command = path.Split('?')[0] switch
        {
            "/sessions" => SessionQuery.Command(connection, new SessionSearch(Of("user"), Of("device"), Of("ip"), Of("session"), Of("app"), Of("key")), scope, part),
            "/audit" => new AuditQuery(database).Command(
                new AuditSearch(Of("kind"), Of("app"), Of("actor"), Of("address"), Of("user"), Of("session"), Of("from"), Of("to"), TimeZoneInfo.Utc), scope, cursor, limit),
            _ => null,
        };
        if (command is null)
        {
            return "";
        }

        command.CommandText = "EXPLAIN (FORMAT JSON) " + command.CommandText;
        using var plan = JsonDocument.Parse((string)(await command.ExecuteScalarAsync(cancellationToken))!);
        return string.Join(' ', WholeTables(plan.RootElement[0].GetProperty("Plan")).Distinct());
    }

    private static IEnumerable<string> WholeTables(JsonElement node)
    {
        // Months to come are empty: an index would not make them less.
        if (node.GetProperty("Node Type").GetString() == "Seq Scan" && node.GetProperty("Relation Name").GetString() is { } table
            && (table.StartsWith("sessions", StringComparison.Ordinal) || table.StartsWith("audit_events", StringComparison.Ordinal)) && node.GetProperty("Plan Rows").GetDouble() > 100)
        {
            yield return table;
        }

        foreach (var child in node.TryGetProperty("Plans", out var plans) ? plans.EnumerateArray().SelectMany(WholeTables) : [])
        {
            yield return child;
        }
    }

    private async Task<Guid[]?> NarrowAsync(Guid[]? owned, string? clientId, CancellationToken cancellationToken)
    {
        if (clientId is null)
        {
            return owned;
        }

        await using var command = database.CreateCommand("SELECT id FROM applications WHERE client_id = $1");
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = clientId });
        return await command.ExecuteScalarAsync(cancellationToken) is Guid id && owned?.Contains(id) != false ? [id] : [];
    }
}
