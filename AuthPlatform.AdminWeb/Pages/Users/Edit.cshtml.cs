using AuthPlatform.AdminWeb.Components;
using AuthPlatform.AdminWeb.Security;
using AuthPlatform.AdminWeb.SignIn;
using AuthPlatform.AdminWeb.Users;
using AuthPlatform.Data.Admin;
using AuthPlatform.Data.Auth;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.Filters;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Localization;

namespace AuthPlatform.AdminWeb.Pages.Users;

/// <summary>One person: roles, approval, suspension, and a new start for who lost their second factor.</summary>
[Access(View = [AdministratorRoles.UserManager, AdministratorRoles.Auditor], Act = [AdministratorRoles.UserManager], Recent = true)]
internal sealed class EditModel(AuthDbContext database, UserChange change, TimeProvider clock, IStringLocalizer<Texts> texts) : PageModel
{
    private const int MostShown = 100;

    /// <summary>What the page showed: a form from before somebody else's change, or from before the link was used, does nothing.</summary>
    [BindProperty]
    public uint Version { get; set; }

    public Administrator Person { get; private set; } = null!;

    public bool MayChange { get; private set; }

    public IReadOnlyList<(string ClientId, string Name)> Applications { get; private set; } = [];

    public bool OwnsMore { get; private set; }

    public NewLink? Made { get; private set; }

    public override async Task OnPageHandlerExecutionAsync(PageHandlerExecutingContext context, PageHandlerExecutionDelegate next)
    {
        var id = Guid.Parse((string)context.RouteData.Values["id"]!);
        if (await database.Administrators.Include(a => a.Passkeys).SingleOrDefaultAsync(a => a.Id == id, HttpContext.RequestAborted) is not { } person)
        {
            context.Result = NotFound();
            return;
        }

        (Person, MayChange) = (person, HttpContext.Administrator().MayChange(person));
        var isLook = Request.IsLook();
        if (!MayChange && !isLook)
        {
            context.Result = StatusCode(StatusCodes.Status403Forbidden);
            return;
        }

        // Whoever is to be shut out must not be able to put that off by changing themselves again and again.
        if (!isLook && context.HandlerMethod?.Name != "Suspend")
        {
            database.Entry(person).Property(a => a.Version).OriginalValue = Version;
        }

        await next();
    }

    public async Task OnGetAsync(CancellationToken cancellationToken)
    {
        var owned = await (
            from o in database.ApplicationOwners
            join a in database.Applications on o.ApplicationId equals a.Id
            where o.AdministratorId == Person.Id
            orderby a.Name
            select new { a.ClientId, a.Name }).Take(MostShown + 1).ToListAsync(cancellationToken);
        Applications = [.. owned.Take(MostShown).Select(a => (a.ClientId, a.Name))];
        OwnsMore = owned.Count > MostShown;
    }

    public async Task<IActionResult> OnPostRolesAsync(string[] roles, CancellationToken cancellationToken)
    {
        var givable = HttpContext.Administrator().GivableRoles();
        if (roles.Except(givable).Any())
        {
            return StatusCode(StatusCodes.Status403Forbidden);
        }

        var before = Person.Roles;
        Person.Roles = [.. before.Except(givable), .. roles.Distinct()];
        return await SaveAsync(AuditKinds.UserRolesChanged, new { Before = before, After = Person.Roles }, texts["Saved."], cancellationToken);
    }

    /// <summary>Only of who has used the link: approved before, it would let in whoever has it.</summary>
    public async Task<IActionResult> OnPostApproveAsync(CancellationToken cancellationToken)
    {
        if (Person.PasswordHash is null)
        {
            return BadRequest();
        }

        Person.ApprovedAt ??= clock.GetUtcNow();
        return await SaveAsync(AuditKinds.UserApproved, null, WhatIsLeft(), cancellationToken);
    }

    public Task<IActionResult> OnPostSuspendAsync(CancellationToken cancellationToken)
    {
        Person.SuspendedAt ??= clock.GetUtcNow();
        return SaveAsync(AuditKinds.UserSuspended, null, texts["{0} is suspended.", Person.UserName], cancellationToken);
    }

    public Task<IActionResult> OnPostResumeAsync(CancellationToken cancellationToken)
    {
        Person.SuspendedAt = null;
        return SaveAsync(AuditKinds.UserResumed, null, WhatIsLeft(), cancellationToken);
    }

    public async Task<IActionResult> OnPostLinkAsync(CancellationToken cancellationToken) =>
        Person.PasswordHash is not null ? BadRequest() : Show(await change.MakeLinkAsync(Person, AuditKinds.UserLinkMade, null, cancellationToken));

    public async Task<IActionResult> OnPostResetAsync(CancellationToken cancellationToken) => Show(await change.ResetAsync(Person, cancellationToken));

    /// <summary>Whether the person may come in now that one thing is out of their way, or what else is in it.</summary>
    private string WhatIsLeft() => UserStates.Of(Person) switch
    {
        UserStates.Suspended => texts["{0} is approved now, but still suspended.", Person.UserName].Value,
        UserStates.Invited => texts["{0} is not suspended any more, but has not used the link yet.", Person.UserName].Value,
        UserStates.Waiting => texts["{0} is not suspended any more, but still waits for approval.", Person.UserName].Value,
        _ => texts["{0} may come in now.", Person.UserName].Value,
    };

    private IActionResult Show(string? link)
    {
        if (link is null)
        {
            return StatusCode(StatusCodes.Status409Conflict);
        }

        Made = new NewLink(Person.Id, Person.UserName, link);
        return Page();
    }

    private async Task<IActionResult> SaveAsync(string kind, object? details, string message, CancellationToken cancellationToken)
    {
        if (!await change.SaveAsync(Person, kind, details, cancellationToken))
        {
            return StatusCode(StatusCodes.Status409Conflict);
        }

        this.Tell(message);
        return RedirectToPage("Edit", new { id = Person.Id });
    }
}
