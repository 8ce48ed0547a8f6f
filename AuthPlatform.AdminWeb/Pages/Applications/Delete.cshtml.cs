using AuthPlatform.AdminWeb.Applications;
using AuthPlatform.AdminWeb.Components;
using AuthPlatform.AdminWeb.Security;
using AuthPlatform.Data.Admin;
using AuthPlatform.Data.Auth;
using Microsoft.AspNetCore.Mvc;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Localization;

namespace AuthPlatform.AdminWeb.Pages.Applications;

/// <summary>Deletes an application, once its client id was typed.</summary>
[Access(View = [AdministratorRoles.ApplicationManager], Recent = true)]
internal sealed class DeleteModel(AuthDbContext database, ApplicationChange change, IStringLocalizer<Texts> texts) : ApplicationPage(database, change)
{
    [BindProperty]
    public string? Typed { get; set; }

    public int Sessions { get; private set; }

    protected override bool IsForManagers => true;

    public async Task OnGetAsync(CancellationToken cancellationToken) => await CountAsync(cancellationToken);

    public async Task<IActionResult> OnPostAsync(CancellationToken cancellationToken)
    {
        if (Typed?.Trim() != Application.ClientId)
        {
            ModelState.AddModelError(nameof(Typed), "That is not its client id.");
            await CountAsync(cancellationToken);
            return Page();
        }

        // Its sessions go with it, which may be many.
        Database.Database.SetCommandTimeout(TimeSpan.FromMinutes(1));
        if (await Change.DeleteAsync(Application, cancellationToken) is { } status)
        {
            if (status == StatusCodes.Status409Conflict)
            {
                return StatusCode(status);
            }

            Response.StatusCode = status;
            ModelState.AddModelError("", "The Key Manager, which deletes its keys, does not answer. Nothing was deleted; try again shortly.");
            await CountAsync(cancellationToken);
            return Page();
        }

        this.Tell(texts["{0} was deleted.", Application.Name]);
        return RedirectToPage("Index");
    }

    private async Task CountAsync(CancellationToken cancellationToken) => Sessions = await Database.Sessions.CountAsync(s => s.ApplicationId == Application.Id, cancellationToken);
}
