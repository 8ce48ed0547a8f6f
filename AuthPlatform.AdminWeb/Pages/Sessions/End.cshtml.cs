using AuthPlatform.AdminWeb.Applications;
using AuthPlatform.AdminWeb.Components;
using AuthPlatform.AdminWeb.Security;
using AuthPlatform.AdminWeb.Sessions;
using AuthPlatform.AdminWeb.SignIn;
using AuthPlatform.Data.Admin;
using AuthPlatform.Data.Auth;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.Filters;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Microsoft.Extensions.Localization;

namespace AuthPlatform.AdminWeb.Pages.Sessions;

/// <summary>
/// Ends all sessions that a search finds, in small transactions. One request ends what a few seconds allow and then shows how far it is, with a button that goes
/// on (a script presses it): there is no work that nobody watches, and leaving the page stops it.
/// </summary>
[Access(View = [AdministratorRoles.ApplicationManager], Owners = true, Recent = true)]
internal sealed class EndModel(AuthDbContext database, SessionQuery sessions, EndSessions ending, IStringLocalizer<Texts> texts, TimeProvider clock) : PageModel
{
    private const int CountLimit = 10_000;

    private ApplicationScope _scope = null!;

    public SessionSearch Search { get; private set; } = null!;

    public long Count { get; private set; }

    public bool IsMore => Count > CountLimit;

    /// <summary>Whether the database cannot find it in time.</summary>
    public bool IsTooMuch { get; private set; }

    /// <summary>Sessions that begin after the button was pressed are not meant: it comes to an end.</summary>
    public Guid Until { get; private set; }

    public int Ended { get; private set; }

    public override async Task OnPageHandlerExecutionAsync(PageHandlerExecutingContext context, PageHandlerExecutionDelegate next)
    {
        Search = SessionSearch.Of(Request.Query);
        _scope = await ApplicationScope.ChangeableAsync(database, HttpContext.Administrator(), null, HttpContext.RequestAborted);
        if (_scope.IsEmpty)
        {
            context.Result = StatusCode(StatusCodes.Status403Forbidden);
            return;
        }

        if (!Search.IsNarrowed || Search.LacksApplication)
        {
            context.Result = RedirectToPage("Index");
            return;
        }

        _scope = await ApplicationScope.ChangeableAsync(database, HttpContext.Administrator(), Search.App, HttpContext.RequestAborted);
        await next();
    }

    public Task OnGetAsync(CancellationToken cancellationToken) => CountAsync(cancellationToken);

    public async Task<IActionResult> OnPostAsync(Guid? until, int ended, CancellationToken cancellationToken)
    {
        (Until, Ended) = (until ?? Guid.CreateVersion7(clock.GetUtcNow()), Math.Max(0, ended));
        int count;
        bool isDone;
        try
        {
            (count, isDone) = await ending.EndFoundAsync(Search, _scope, Until, cancellationToken);
        }
        catch (TooMuchToSearchException)
        {
            IsTooMuch = true;
            return Page();
        }

        Ended += count;
        if (!isDone)
        {
            await CountAsync(cancellationToken);
            return Page();
        }

        this.Tell(Ended == 1 ? texts["One session has ended. Its tokens are refused from now on."] : texts["{0} sessions have ended. Their tokens are refused from now on.", Ended]);
        return RedirectToPage("Index", Search.ToRoute());
    }

    private async Task CountAsync(CancellationToken cancellationToken)
    {
        try
        {
            Count = await sessions.CountAsync(Search, _scope, CountLimit + 1, cancellationToken);
        }
        catch (TooMuchToSearchException)
        {
            IsTooMuch = true;
        }
    }
}
