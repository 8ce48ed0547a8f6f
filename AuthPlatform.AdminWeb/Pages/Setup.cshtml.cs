using AuthPlatform.AdminWeb.Audit;
using AuthPlatform.AdminWeb.SignIn;
using AuthPlatform.AdminWeb.Users;
using AuthPlatform.Data.Admin;
using AuthPlatform.Data.Auth;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Identity;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Microsoft.EntityFrameworkCore;

namespace AuthPlatform.AdminWeb.Pages;

/// <summary>Where a set-up link leads: a name for the first administrator, a password for everybody, then the second factor.</summary>
[AllowAnonymous]
internal sealed class SetupModel(
    SetupLinks links, UserManager<Administrator> administrators, AuthDbContext database, AdministratorSessions sessions, AccountAudit audit, TimeProvider clock) : PageModel
{
    [BindProperty(SupportsGet = true)]
    public string? Token { get; set; }

    [BindProperty]
    public string? UserName { get; set; }

    [BindProperty]
    public string? Password { get; set; }

    [BindProperty]
    public string? Again { get; set; }

    public AdministratorLink? Link { get; private set; }

    public async Task OnGetAsync(CancellationToken cancellationToken)
    {
        if (await FindAsync(cancellationToken) is { } administrator)
        {
            UserName = administrator.UserName;
        }
    }

    public async Task<IActionResult> OnPostAsync(CancellationToken cancellationToken)
    {
        if (await FindAsync(cancellationToken) is not { } administrator)
        {
            return Page();
        }

        var isFirst = Link!.AdministratorId is null;
        var userName = UserName?.Trim() ?? "";
        if (isFirst)
        {
            ModelState.CheckUserName(nameof(UserName), userName);
        }

        administrator.UserName = isFirst ? userName : administrator.UserName;
        UserName = administrator.UserName;
        foreach (var error in (await administrators.PasswordValidators[0].ValidateAsync(administrators, administrator, Password)).Errors)
        {
            ModelState.AddModelError(nameof(Password), error.Description);
        }

        if (Password != Again)
        {
            ModelState.AddModelError(nameof(Again), "The two are not the same.");
        }

        if (!ModelState.IsValid)
        {
            return Page();
        }

        if (!await SaveAsync(administrator, cancellationToken))
        {
            Link = null;
            return Page();
        }

        await sessions.BeginAsync(administrator, SignInMethods.Password, cancellationToken);
        return RedirectToPage("/Account/Authenticator");
    }

    /// <summary>The link and the person stand or fall together: a link that was used up by a mistake would be lost, one that is not would work twice.</summary>
    private async Task<bool> SaveAsync(Administrator administrator, CancellationToken cancellationToken)
    {
        await using var transaction = await database.Database.BeginTransactionAsync(cancellationToken);
        if (!await links.UseAsync(Link!, cancellationToken))
        {
            return false;
        }

        audit.Add(AuditKinds.UserSetUp, administrator);
        administrator.PasswordHash = administrators.PasswordHasher.HashPassword(administrator, Password!);
        var saved = Link!.AdministratorId is null ? await administrators.CreateAsync(administrator) : await administrators.UpdateSecurityStampAsync(administrator);
        if (!saved.Succeeded)
        {
            return false;
        }

        await transaction.CommitAsync(cancellationToken);
        return true;
    }

    private async Task<Administrator?> FindAsync(CancellationToken cancellationToken)
    {
        Link = await links.FindAsync(Token, cancellationToken);
        if (Link?.AdministratorId is { } id)
        {
            return await database.Administrators.SingleAsync(a => a.Id == id, cancellationToken);
        }

        var now = clock.GetUtcNow();
        return Link is null
            ? null
            : new Administrator { Id = Guid.CreateVersion7(now), UserName = "", Roles = [AdministratorRoles.Administrator], CreatedAt = now, ApprovedAt = now };
    }
}
