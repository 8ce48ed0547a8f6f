namespace AuthPlatform.Cli.Output;

/// <summary>Columns as wide as what is in them.</summary>
internal static class Table
{
    private const string Gap = "  ";

    public static void Write(TextWriter output, IReadOnlyList<string> headers, IEnumerable<string[]> rows)
    {
        var lines = rows.Select(row => row.Select(Text.Printable).ToArray()).Prepend([.. headers]).ToList();
        var widths = Enumerable.Range(0, headers.Count).Select(column => lines.Max(line => line[column].Length)).ToList();
        foreach (var line in lines)
        {
            output.WriteLine(string.Join(Gap, line.Select((cell, column) => cell.PadRight(widths[column]))).TrimEnd());
        }
    }

    /// <summary>Names with their values, one a line.</summary>
    public static void WriteFields(TextWriter output, params IReadOnlyList<(string Name, string Value)> fields)
    {
        var width = fields.Max(field => field.Name.Length);
        foreach (var (name, value) in fields)
        {
            output.WriteLine($"{name.PadRight(width)}{Gap}{Text.Printable(value)}".TrimEnd());
        }
    }
}
