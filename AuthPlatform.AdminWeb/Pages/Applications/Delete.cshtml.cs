using AuthPlatform.AdminWeb.Applications;
using AuthPlatform.AdminWeb.Components;
using AuthPlatform.AdminWeb.Security;
using AuthPlatform.AdminWeb.Sessions;
using AuthPlatform.Data.Admin;
using AuthPlatform.Data.Auth;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Microsoft.Extensions.Localization;

namespace AuthPlatform.AdminWeb.Pages.Applications;

/// <summary>
/// Deletes an application, once its client id was typed: disables it, ends its sessions as <c>/sessions/end</c> does, with a page that goes on by itself, and deletes what is left.
/// Whoever stops before the end leaves a disabled application, which can be deleted again or enabled.
/// </summary>
[Access(View = [AdministratorRoles.ApplicationManager], Recent = true)]
internal sealed class DeleteModel(AuthDbContext database, ApplicationChange change, SessionQuery sessions, EndSessions ending, IStringLocalizer<Texts> texts)
    : ApplicationPage(database, change)
{
    private const int CountLimit = 10_000;

    [BindProperty]
    public string? Typed { get; set; }

    public long Sessions { get; private set; }

    public bool IsMore => Sessions > CountLimit;

    /// <summary>How many have ended so far; null before it has begun and when it has stopped.</summary>
    public int? Ended { get; private set; }

    protected override bool IsForManagers => true;

    private SessionSearch Search => new(null, null, null, null, Application.ClientId, null);

    private ApplicationScope Scope => new([Application.Id]);

    public Task OnGetAsync(CancellationToken cancellationToken) => CountAsync(cancellationToken);

    /// <param name="ended">How many sessions ended before; null for who begins.</param>
    /// <param name="cancellationToken">Ends it, unless nothing is left but the last step.</param>
    public async Task<IActionResult> OnPostAsync(int? ended, CancellationToken cancellationToken)
    {
        if (Typed?.Trim() != Application.ClientId)
        {
            ModelState.AddModelError(nameof(Typed), "That is not its client id.");
            return await ShowAsync(StatusCodes.Status200OK, cancellationToken);
        }

        if (Application.Enabled && ended is not null)
        {
            ModelState.AddModelError("", "Somebody else has enabled it meanwhile, so nothing more was deleted.");
            return await ShowAsync(StatusCodes.Status409Conflict, cancellationToken);
        }

        if (Application.Enabled)
        {
            Application.Enabled = false;
            if (!await Change.SaveAsync(Application, cancellationToken))
            {
                return await ShowConflictAsync(cancellationToken);
            }
        }

        var (count, isDone) = await ending.EndFoundAsync(Search, Scope, until: null, cancellationToken);
        if (!isDone)
        {
            Ended = Math.Max(0, ended ?? 0) + count;
            return await ShowAsync(StatusCodes.Status200OK, cancellationToken);
        }

        cancellationToken.ThrowIfCancellationRequested();
        switch (await Change.DeleteAsync(Application))
        {
            case StatusCodes.Status409Conflict:
                return await ShowConflictAsync(cancellationToken);
            case { } status:
                ModelState.AddModelError("", "The Key Manager does not answer, or deleting takes the database too long just now. It is disabled, its sessions have ended, and its keys may be gone already; delete it again in a moment.");
                return await ShowAsync(status, cancellationToken);
        }

        this.Tell(texts["{0} was deleted.", Application.Name]);
        return RedirectToPage("Index");
    }

    private async Task<PageResult> ShowConflictAsync(CancellationToken cancellationToken)
    {
        await CountAsync(cancellationToken);
        return ShowConflict();
    }

    private async Task<PageResult> ShowAsync(int status, CancellationToken cancellationToken)
    {
        Response.StatusCode = status;
        await CountAsync(cancellationToken);
        return Page();
    }

    private async Task CountAsync(CancellationToken cancellationToken) => Sessions = await sessions.CountAsync(Search, Scope, CountLimit + 1, cancellationToken);
}
