using AuthPlatform.AdminWeb.Applications;
using AuthPlatform.AdminWeb.Components;
using AuthPlatform.AdminWeb.Security;
using AuthPlatform.AdminWeb.Sessions;
using AuthPlatform.AdminWeb.SignIn;
using AuthPlatform.Data.Admin;
using AuthPlatform.Data.Auth;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Microsoft.Extensions.Localization;

namespace AuthPlatform.AdminWeb.Pages.Sessions;

/// <summary>Finds sessions and ends some of them: of all applications for managers, of their own for owners.</summary>
[Access(View = [AdministratorRoles.ApplicationManager, AdministratorRoles.Auditor], Owners = true, RecentToAct = true)]
internal sealed class IndexModel(AuthDbContext database, SessionQuery sessions, EndSessions ending, IStringLocalizer<Texts> texts, TimeProvider clock) : PageModel
{
    public SessionSearch Search { get; private set; } = null!;

    public Slice<SessionRow> Found { get; private set; } = null!;

    /// <summary>Whether the database cannot find it in time.</summary>
    public bool IsTooMuch { get; private set; }

    public int Size { get; private set; }

    /// <summary>Whether buttons are shown. Whoever may change some of what is found may press them; what is not theirs stays.</summary>
    public bool MayEnd { get; private set; }

    public DateTimeOffset Now { get; } = clock.GetUtcNow();

    public Pager Pager => Found.ToPager(Request, texts);

    public async Task OnGetAsync(string? size, string? at, CancellationToken cancellationToken)
    {
        var current = HttpContext.Administrator();
        Search = SessionSearch.Of(Request.Query);
        Size = PageSize.Read(size);
        var cursor = Cursor.Read(at);
        var scope = await ApplicationScope.VisibleAsync(database, current, Search.App, cancellationToken);
        MayEnd = !(await ApplicationScope.ChangeableAsync(database, current, Search.App, cancellationToken)).IsEmpty;
        try
        {
            Found = await ReadAsync(scope, cursor, cancellationToken);
            if (cursor is not null && Found.Rows.Count == 0)
            {
                // All that was there has ended: the beginning is a place to go on from.
                Found = await ReadAsync(scope, null, cancellationToken);
            }
        }
        catch (TooMuchToSearchException)
        {
            (Found, IsTooMuch) = (new Slice<SessionRow>([], null, null), true);
        }
    }

    /// <summary>Ends the one whose button was pressed, or else those that are ticked.</summary>
    public async Task<IActionResult> OnPostEndAsync(Guid? only, Guid[] ids, CancellationToken cancellationToken)
    {
        var current = HttpContext.Administrator();
        var scope = await ApplicationScope.ChangeableAsync(database, current, null, cancellationToken);
        if (scope.IsEmpty)
        {
            return StatusCode(StatusCodes.Status403Forbidden);
        }

        Guid[] chosen = only is { } one ? [one] : [.. ids.Distinct().Take(PageSize.All[^1])];
        var rows = new List<SessionRow>();
        foreach (var id in chosen)
        {
            rows.AddRange(await sessions.ReadAsync(new SessionSearch(null, null, null, id.ToString(), null, null), scope, new Part(null, null, true, 1), cancellationToken));
        }

        var ended = await ending.EndAsync(rows, cancellationToken);
        this.Tell(ended switch
        {
            0 when chosen.Length == 0 => texts["No session was ticked."],
            0 => texts["No session was ended: they are gone already, or not yours to end."],
            1 => texts["One session has ended. Its tokens are refused from now on."],
            _ => texts["{0} sessions have ended. Their tokens are refused from now on.", ended],
        });
        return LocalRedirect(Pager.Link(Request, "handler", ""));
    }

    private async Task<Slice<SessionRow>> ReadAsync(ApplicationScope scope, Cursor? cursor, CancellationToken cancellationToken)
    {
        var part = cursor is { IsNewer: true } ? new Part(cursor.Id, null, true, Size + 1) : new Part(null, cursor?.Id, false, Size + 1);
        return Slice<SessionRow>.Of(await sessions.ReadAsync(Search, scope, part, cancellationToken), Size, cursor, row => (row.CreatedAt, row.Id));
    }
}
