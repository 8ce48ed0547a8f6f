namespace AuthPlatform.AdminWeb.Components;

/// <summary>What somebody typed into a field of a search.</summary>
internal static class Criterion
{
    /// <summary>Columns count characters, of which some are two here: the longest has 512.</summary>
    private const int MaxLength = 1024;

    /// <summary>Null for nothing; longer than any column is cut.</summary>
    public static string? Read(string? text) => ReadExactly(text?.Trim());

    /// <summary>The same with the spaces around it. Applications name their users and devices as they like: who looks for "bob " does not mean bob.</summary>
    public static string? ReadExactly(string? text) => string.IsNullOrEmpty(text) ? null : Cut(text, MaxLength);

    /// <summary>The beginning of a text, without half a character at its end: neither PostgreSQL nor JSON has a place for that.</summary>
    public static string Cut(string text, int length) => text.Length <= length ? text : text[..(char.IsHighSurrogate(text[length - 1]) ? length - 1 : length)];
}
