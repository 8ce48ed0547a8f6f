using System.Text.Json;

namespace AuthPlatform.Cli.Import;

/// <summary>JSON: an object with a list of objects for each table, or one such list in a file that is named like its table.</summary>
internal static class JsonExport
{
    private const string HalfCharacter = "a text or name in it has half a character (an unpaired surrogate).";

    public static OldRows Read(string fileName, string table, string text)
    {
        var result = OldRows.Empty();
        try
        {
            using var document = JsonDocument.Parse(text);
            if (document.RootElement.ValueKind == JsonValueKind.Object)
            {
                foreach (var list in document.RootElement.EnumerateObject())
                {
                    Add(result, fileName, list.Name.ToLowerInvariant(), list.Value);
                }
            }
            else
            {
                Add(result, fileName, table, document.RootElement);
            }
        }
        catch (JsonException exception)
        {
            // Not the message of the parser, which could quote a secret.
            result.Failures.Add($"{fileName}, line {exception.LineNumber + 1}: this is not valid JSON.");
        }
        catch (InvalidOperationException)
        {
            result.Failures.Add($"{fileName}: {HalfCharacter}");
        }

        return result;
    }

    private static void Add(OldRows result, string fileName, string table, JsonElement list)
    {
        if (list.ValueKind != JsonValueKind.Array)
        {
            result.Failures.Add($"{fileName}: '{table}' must be a list of objects.");
            return;
        }

        var number = 0;
        foreach (var row in list.EnumerateArray())
        {
            var place = $"{fileName}, {table}[{number++}]";
            if (row.ValueKind != JsonValueKind.Object)
            {
                result.Failures.Add($"{place}: this is no object.");
            }
            else if (Columns(row) is { } columns)
            {
                result.Rows.Add(new OldRow(place, table, columns));
            }
            else
            {
                result.Failures.Add($"{place}: {HalfCharacter}");
            }
        }
    }

    /// <summary>Null when one cannot be read: the parser takes any escapes, and looks at them no sooner than this.</summary>
    private static Dictionary<string, string?>? Columns(JsonElement row)
    {
        try
        {
            return row.EnumerateObject().DistinctBy(c => c.Name.ToLowerInvariant()).ToDictionary(c => c.Name.ToLowerInvariant(), c => Value(c.Value));
        }
        catch (InvalidOperationException)
        {
            return null;
        }
    }

    private static string? Value(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Null => null,
        JsonValueKind.True => "1",
        JsonValueKind.False => "0",
        JsonValueKind.Array => string.Join(',', value.EnumerateArray().Select(entry => entry.ToString())),
        _ => value.ToString(),
    };
}
