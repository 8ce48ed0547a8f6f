using AuthPlatform.AdminWeb.Components;
using AuthPlatform.AdminWeb.Security;
using AuthPlatform.AdminWeb.SignIn;
using AuthPlatform.Data.Auth;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.Filters;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Microsoft.EntityFrameworkCore;

namespace AuthPlatform.AdminWeb.Applications;

/// <summary>A page of one application: finds it before any handler runs, for reading or for changing, or answers 404 or 403.</summary>
internal abstract class ApplicationPage(AuthDbContext database, ApplicationChange change) : PageModel
{
    public Application Application { get; private set; } = null!;

    /// <summary>Whether buttons are shown.</summary>
    public bool MayChange { get; private set; }

    protected AuthDbContext Database => database;

    protected ApplicationChange Change => change;

    /// <summary>Pages that are for managers of all applications, not for owners, say so.</summary>
    protected virtual bool IsForManagers => false;

    /// <summary>Pages that are only for those who may change the application say so; others show it without buttons.</summary>
    protected virtual bool IsForChanging => false;

    public override async Task OnPageHandlerExecutionAsync(PageHandlerExecutingContext context, PageHandlerExecutionDelegate next)
    {
        var clientId = (string?)context.RouteData.Values["clientId"];
        var current = HttpContext.Administrator();
        if (await database.Applications.VisibleTo(database, current).Include(a => a.Secrets).SingleOrDefaultAsync(a => a.ClientId == clientId, HttpContext.RequestAborted) is not { } found)
        {
            context.Result = NotFound();
            return;
        }

        Application = found;
        MayChange = await database.Applications.ChangeableBy(database, current).AnyAsync(a => a.Id == found.Id, HttpContext.RequestAborted);
        if ((IsForManagers && !current.ManagesAll()) || (!MayChange && (IsForChanging || !Request.IsLook())))
        {
            context.Result = new StatusCodeResult(StatusCodes.Status403Forbidden);
            return;
        }

        await next();
    }

    /// <summary>Leads to a page of the application, which tells what was done.</summary>
    protected RedirectToPageResult Done(string page, string message)
    {
        this.Tell(message);
        return RedirectToPage(page, new { clientId = Application.ClientId });
    }

    /// <summary>Tells on this page that it shows what is so no more.</summary>
    protected PageResult ShowConflict()
    {
        Response.StatusCode = StatusCodes.Status409Conflict;
        ModelState.AddModelError("", "Somebody else has changed this application meanwhile. Load the page again, then repeat your change.");
        return Page();
    }
}
