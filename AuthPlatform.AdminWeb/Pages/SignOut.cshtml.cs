using AuthPlatform.AdminWeb.Security;
using AuthPlatform.AdminWeb.SignIn;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;

namespace AuthPlatform.AdminWeb.Pages;

/// <summary>Ends the session of this browser.</summary>
[AllowAnonymous]
[OutlivesSession]
internal sealed class SignOutModel(AdministratorSessions sessions) : PageModel
{
    public IActionResult OnGet() => Redirect("~/");

    public async Task<IActionResult> OnPostAsync()
    {
        await sessions.EndPresentAsync();
        return Redirect("~/sign-in");
    }
}
