using AuthPlatform.AdminWeb.Security;
using AuthPlatform.AdminWeb.SignIn;
using AuthPlatform.AdminWeb.Users;
using AuthPlatform.Data.Admin;
using AuthPlatform.Data.Auth;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Microsoft.EntityFrameworkCore;

namespace AuthPlatform.AdminWeb.Pages.Users;

/// <summary>Invites somebody by a link that is shown once. They come in when somebody has approved them, so a link that went astray lets nobody in.</summary>
[Access(View = [AdministratorRoles.UserManager], Recent = true)]
internal sealed class InviteModel(AuthDbContext database, UserChange change, TimeProvider clock) : PageModel
{
    [BindProperty]
    public string? UserName { get; set; }

    [BindProperty]
    public string[] Roles { get; set; } = [];

    public NewLink? Made { get; private set; }

    public async Task<IActionResult> OnPostAsync(CancellationToken cancellationToken)
    {
        var name = UserName?.Trim() ?? "";
        ModelState.CheckUserName(nameof(UserName), name);
        if (Roles.Except(HttpContext.Administrator().GivableRoles()).Any())
        {
            return StatusCode(StatusCodes.Status403Forbidden);
        }

        var normalized = name.ToUpperInvariant();
        if (await database.Administrators.AnyAsync(a => a.NormalizedUserName == normalized, cancellationToken))
        {
            ModelState.AddModelError(nameof(UserName), "There is somebody of that name already.");
        }

        if (!ModelState.IsValid)
        {
            return Page();
        }

        var now = clock.GetUtcNow();
        var person = new Administrator { Id = Guid.CreateVersion7(now), UserName = name, Roles = [.. Roles.Distinct()], CreatedAt = now };
        if (await change.MakeLinkAsync(person, AuditKinds.UserInvited, person.Roles, cancellationToken) is not { } link)
        {
            return StatusCode(StatusCodes.Status409Conflict);
        }

        Made = new NewLink(person.Id, name, link);
        return Page();
    }
}
