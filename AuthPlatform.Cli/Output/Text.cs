using System.Globalization;

namespace AuthPlatform.Cli.Output;

/// <summary>How values look to people.</summary>
internal static class Text
{
    /// <summary>Without control characters: a name in the database must not be able to drive the terminal of whoever lists it.</summary>
    public static string Printable(string text) => text.Any(char.IsControl) ? string.Concat(text.Select(c => char.IsControl(c) ? '\uFFFD' : c)) : text;

    public static string Time(DateTimeOffset? time) => time is { } value ? value.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss'Z'", CultureInfo.InvariantCulture) : "-";

    public static string List(IReadOnlyCollection<string> values, string ifEmpty) => values.Count == 0 ? ifEmpty : string.Join(", ", values);
}
