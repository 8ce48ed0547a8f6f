using AuthPlatform.AdminWeb.SignIn;
using AuthPlatform.AdminWeb.Users;

namespace AuthPlatform.AdminWeb.Components;

/// <summary>What the menu shows, and to whom.</summary>
internal static class Navigation
{
    public static readonly IReadOnlyList<Entry> Entries =
    [
        new("/applications", "Applications", "M4 7a3 3 0 0 1 3-3h10a3 3 0 0 1 3 3v10a3 3 0 0 1-3 3H7a3 3 0 0 1-3-3V7Zm0 3h16M8 7h.01", _ => true),
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
