using AuthPlatform.AdminWeb.Audit;
using AuthPlatform.AdminWeb.Components;
using AuthPlatform.AdminWeb.Security;
using AuthPlatform.AdminWeb.SignIn;
using AuthPlatform.Data.Admin;
using AuthPlatform.Data.Auth;
using Microsoft.AspNetCore.Identity;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Microsoft.Extensions.Localization;

namespace AuthPlatform.AdminWeb.Pages.Account;

/// <summary>Changes a person's own password.</summary>
[Access(Recent = true)]
internal sealed class PasswordModel(
    AuthDbContext database,
    UserManager<Administrator> administrators,
    AdministratorSessions sessions,
    GuardedTry guarded,
    AccountAudit audit,
    IStringLocalizer<Texts> texts) : PageModel
{
    [BindProperty]
    public string? Present { get; set; }

    [BindProperty]
    public string? Password { get; set; }

    [BindProperty]
    public string? Again { get; set; }

    public async Task<IActionResult> OnPostAsync(CancellationToken cancellationToken)
    {
        var current = HttpContext.Administrator();
        var me = (await administrators.FindByIdAsync(current.Id.ToString()))!;
        var (proved, tooSoon) = await guarded.RunAsync(
            SignInDelays.Password,
            me.UserName,
            me.UserName,
            SignInRefusals.WrongPassword,
            async () => await administrators.CheckPasswordAsync(me, Present ?? "") ? me : null,
            cancellationToken);
        if (proved is null)
        {
            ModelState.AddModelError(nameof(Present), tooSoon ?? "That is not your present password.");
            return Page();
        }

        if (Password != Again)
        {
            ModelState.AddModelError(nameof(Again), "The two are not the same.");
            return Page();
        }

        // With the end of the other sessions or not at all: whoever closes the tab between the two would leave a thief signed in.
        await using var transaction = await database.Database.BeginTransactionAsync(cancellationToken);
        audit.Add(AuditKinds.UserPasswordChanged, me);
        var result = await administrators.ChangePasswordAsync(me, Present!, Password ?? "");
        foreach (var error in result.Errors)
        {
            ModelState.AddModelError(nameof(Password), error.Description);
        }

        if (!result.Succeeded)
        {
            return Page();
        }

        await sessions.EndAllAsync(me.Id, current.SessionId, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        this.Tell(texts["Your password was changed, and your other sessions have ended."]);
        return RedirectToPage("Index");
    }
}
