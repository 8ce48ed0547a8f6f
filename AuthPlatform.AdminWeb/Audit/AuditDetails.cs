using System.Text.Json;

namespace AuthPlatform.AdminWeb.Audit;

/// <summary>One line of an event's details: a value, or what a setting was before and is after.</summary>
internal sealed record AuditDetail(string Name, string? Value, string? Before, string? After, bool IsChange)
{
    /// <summary>The lines of a JSON object as the audit holds it.</summary>
    public static IEnumerable<AuditDetail> Read(string? details)
    {
        if (details is null)
        {
            yield break;
        }

        using var document = JsonDocument.Parse(details);
        if (document.RootElement.ValueKind != JsonValueKind.Object)
        {
            yield return new AuditDetail("", document.RootElement.ToString(), null, null, false);
            yield break;
        }

        foreach (var member in document.RootElement.EnumerateObject())
        {
            yield return member.Value.ValueKind == JsonValueKind.Object && member.Value.TryGetProperty("before", out var before) && member.Value.TryGetProperty("after", out var after)
                ? new AuditDetail(member.Name, null, Text(before), Text(after), true)
                : new AuditDetail(member.Name, Text(member.Value), null, null, false);
        }
    }

    private static string? Text(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Null => null,
        JsonValueKind.String => value.GetString(),
        _ => value.GetRawText(),
    };
}
