using AuthPlatform.AdminWeb.SignIn;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;

namespace AuthPlatform.AdminWeb.Pages;

/// <summary>Ends the session of this browser.</summary>
[AllowAnonymous]
internal sealed class SignOutModel(AdministratorSessions sessions) : PageModel
{
    public IActionResult OnGet() => Redirect("~/");

    public async Task<IActionResult> OnPostAsync(CancellationToken cancellationToken)
    {
        await sessions.EndPresentAsync(cancellationToken);
        return Redirect("~/sign-in");
    }
}
