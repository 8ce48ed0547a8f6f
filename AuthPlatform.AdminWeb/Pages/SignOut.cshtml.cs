using AuthPlatform.AdminWeb.Security;
using AuthPlatform.AdminWeb.SignIn;
using AuthPlatform.Data.Auth;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;

namespace AuthPlatform.AdminWeb.Pages;

/// <summary>Ends the session of this browser.</summary>
[AllowAnonymous]
[OutlivesSession]
internal sealed class SignOutModel(AdministratorSessions sessions, AuthDbContext database, AccountAudit audit) : PageModel
{
    public IActionResult OnGet() => Redirect("~/");

    public async Task<IActionResult> OnPostAsync(CancellationToken cancellationToken)
    {
        if (HttpContext.Features.Get<CurrentAdministrator>() is { } current)
        {
            audit.Add(AuditKinds.UserSignedOut, current.UserName);
            await database.SaveChangesAsync(cancellationToken);
        }

        await sessions.EndPresentAsync(cancellationToken);
        return Redirect("~/sign-in");
    }
}
