using AuthPlatform.AdminWeb.Security;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Localization;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;

namespace AuthPlatform.AdminWeb.Pages;

/// <summary>Remembers in the browser how it wants the pages, and goes back.</summary>
[AllowAnonymous]
[OutlivesSession]
internal sealed class PreferencesModel(TimeProvider clock) : PageModel
{
    private static readonly TimeSpan Kept = TimeSpan.FromDays(365);

    public IActionResult OnGet() => Redirect("~/");

    public IActionResult OnPost(string? language, string? theme, string? returnUrl)
    {
        if (language is not null && Languages.All.ContainsKey(language))
        {
            Keep(Preferences.LanguageCookie, CookieRequestCultureProvider.MakeCookieValue(new RequestCulture(language)));
        }

        Keep(Preferences.ThemeCookie, theme is "light" or "dark" ? theme : null);
        return this.GoBack(returnUrl);
    }

    private void Keep(string name, string? value)
    {
        var options = new CookieOptions { Secure = true, HttpOnly = true, Path = "/", SameSite = SameSiteMode.Lax, Expires = clock.GetUtcNow() + Kept };
        if (value is null)
        {
            Response.Cookies.Delete(name, options);
        }
        else
        {
            Response.Cookies.Append(name, value, options);
        }
    }
}
