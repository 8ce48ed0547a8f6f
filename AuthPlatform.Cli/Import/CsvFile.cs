using System.Text;

namespace AuthPlatform.Cli.Import;

/// <summary>Comma-separated values (RFC 4180) with a line of names; the name of the file is the table.</summary>
internal static class CsvFile
{
    public static OldRows Read(string fileName, string table, string text)
    {
        var result = OldRows.Empty();
        string[]? header = null;
        foreach (var (line, fields) in Records(text.TrimStart('\uFEFF')))
        {
            var place = $"{fileName}, line {line}";
            if (fields is null)
            {
                result.Failures.Add($"{place}: a quote is not closed, or something follows it.");
                return result;
            }

            if (fields is [""])
            {
                continue;
            }

            if (header is null)
            {
                header = [.. fields.Select(name => name.Trim().ToLowerInvariant())];
            }
            else if (fields.Count != header.Length)
            {
                result.Failures.Add($"{place}: {fields.Count} values for {header.Length} columns.");
            }
            else
            {
                result.Rows.Add(new OldRow(place, table, header.Zip(fields).DistinctBy(c => c.First).ToDictionary(c => c.First, c => (string?)c.Second)));
            }
        }

        return result;
    }

    /// <summary>Each record with the line it begins in; null fields for one that cannot be read, and nothing after it.</summary>
    private static IEnumerable<(int Line, List<string>? Fields)> Records(string text)
    {
        var (line, at) = (1, 0);
        while (at < text.Length)
        {
            var began = line;
            var fields = new List<string>();
            while (true)
            {
                if (ReadField(text, ref at, ref line) is not { } field)
                {
                    yield return (began, null);
                    yield break;
                }

                fields.Add(field);
                if (at >= text.Length || text[at] != ',')
                {
                    break;
                }

                at++;
            }

            at += at < text.Length && text[at] == '\r' ? 1 : 0;
            at += at < text.Length && text[at] == '\n' ? 1 : 0;
            line++;
            yield return (began, fields);
        }
    }

    private static string? ReadField(string text, ref int at, ref int line)
    {
        if (at >= text.Length || text[at] != '"')
        {
            var start = at;
            at = text.AsSpan(at).IndexOfAny(',', '\r', '\n') is var length and >= 0 ? at + length : text.Length;
            return text[start..at];
        }

        var value = new StringBuilder();
        for (at++; at < text.Length; at++)
        {
            if (text[at] == '"')
            {
                at++;
                if (at >= text.Length || text[at] is ',' or '\r' or '\n')
                {
                    return value.ToString();
                }

                if (text[at] != '"')
                {
                    return null;
                }
            }

            line += text[at] == '\n' ? 1 : 0;
            value.Append(text[at]);
        }

        return null;
    }
}
