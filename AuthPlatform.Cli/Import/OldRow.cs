namespace AuthPlatform.Cli.Import;

/// <summary>One record of the older service, from whatever kind of file.</summary>
/// <param name="Place">Where it stands, such as <c>tokens.csv, line 7</c>.</param>
/// <param name="Table">The table it belongs to.</param>
/// <param name="Columns">Its values; null where the database had NULL.</param>
internal sealed record OldRow(string Place, string Table, IReadOnlyDictionary<string, string?> Columns)
{
    /// <summary>The value of the first of these columns that has one, without the space around it.</summary>
    public string? Find(params ReadOnlySpan<string> names)
    {
        foreach (var name in names)
        {
            if (FindExact(name)?.Trim() is { Length: > 0 } value)
            {
                return value;
            }
        }

        return null;
    }

    /// <summary>The same with all its space, for what is compared exactly.</summary>
    public string? FindExact(params ReadOnlySpan<string> names)
    {
        foreach (var name in names)
        {
            if (Columns.TryGetValue(name, out var value) && !string.IsNullOrEmpty(value))
            {
                return value;
            }
        }

        return null;
    }

    /// <summary>Without the values, which are secrets.</summary>
    public override string ToString() => Place;
}

/// <summary>What was read of a file: its records, and what is no record, each with its place.</summary>
internal sealed record OldRows(List<OldRow> Rows, List<string> Failures)
{
    public static OldRows Empty() => new([], []);
}
