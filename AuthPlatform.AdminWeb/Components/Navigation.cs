using AuthPlatform.AdminWeb.SignIn;

namespace AuthPlatform.AdminWeb.Components;

/// <summary>What the menu shows, and to whom.</summary>
internal static class Navigation
{
    public static readonly IReadOnlyList<Entry> Entries =
    [
        new("/", "Overview", "M4 13h6V4H4v9Zm0 7h6v-5H4v5Zm10 0h6v-9h-6v9Zm0-16v5h6V4h-6Z", _ => true),
    ];

    /// <summary>One entry.</summary>
    /// <param name="Path">Its page, and the beginning of those below it.</param>
    /// <param name="Label">Its text in English.</param>
    /// <param name="Icon">A path in a box of 24 by 24.</param>
    /// <param name="IsFor">Whether somebody sees it.</param>
    internal sealed record Entry(string Path, string Label, string Icon, Func<CurrentAdministrator, bool> IsFor)
    {
        public bool IsHere(PathString path) => Path == "/" ? path == "/" || !path.HasValue : path.StartsWithSegments(Path);
    }
}
