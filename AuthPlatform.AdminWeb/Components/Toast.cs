using Microsoft.AspNetCore.Mvc.RazorPages;

namespace AuthPlatform.AdminWeb.Components;

/// <summary>A short message about what was just done, shown on the next page.</summary>
internal static class Toast
{
    public const string Key = "toast";

    public static void Tell(this PageModel page, string message) => page.TempData[Key] = message;
}
