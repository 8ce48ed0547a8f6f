using AuthPlatform.AdminWeb.SignIn;
using AuthPlatform.AdminWeb.Users;

namespace AuthPlatform.AdminWeb.Components;

/// <summary>What the menu shows, and to whom.</summary>
internal static class Navigation
{
    public static readonly IReadOnlyList<Entry> Entries =
    [
        new("/", "Overview", "M4 13h6V4H4v9Zm0 7h6v-5H4v5Zm10 0h6v-9h-6v9Zm0-16v5h6V4h-6Z", _ => true),
        new("/applications", "Applications", "M4 7a3 3 0 0 1 3-3h10a3 3 0 0 1 3 3v10a3 3 0 0 1-3 3H7a3 3 0 0 1-3-3V7Zm0 3h16M8 7h.01", _ => true),
        new("/sessions", "Sessions", "M9 4h11v11H9V4Zm6 11v5H4V9h5", _ => true),
        new("/audit", "Audit", "M7 3h10l3 3v15H4V3h3Zm1 7h8m-8 4h8m-8 4h5", _ => true),
        new("/users", "Users", "M16 19v-1a4 4 0 0 0-4-4H7a4 4 0 0 0-4 4v1M9.5 10a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7Zm11.5 9v-1a4 4 0 0 0-3-3.9M16 3.3a3.5 3.5 0 0 1 0 6.5", current => current.SeesUsers()),
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
