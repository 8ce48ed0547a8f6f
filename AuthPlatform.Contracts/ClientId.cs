namespace AuthPlatform.Contracts;

/// <summary>The syntax of a <c>client_id</c>.</summary>
public static class ClientId
{
    /// <summary>Most characters of one.</summary>
    public const int MaxLength = 64;

    /// <summary>Whether the text could be one: 1–64 of <c>[A-Za-z0-9_-]</c>. Nothing else needs to be looked up anywhere.</summary>
    public static bool IsWellFormed(ReadOnlySpan<char> text) => text.Length is > 0 and <= MaxLength && !text.ContainsAnyExcept(CompactJws.Alphabet);
}
