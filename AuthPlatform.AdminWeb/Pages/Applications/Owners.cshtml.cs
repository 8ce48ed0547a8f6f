using AuthPlatform.AdminWeb.Applications;
using AuthPlatform.AdminWeb.Security;
using AuthPlatform.Data.Admin;
using AuthPlatform.Data.Auth;
using Microsoft.AspNetCore.Mvc;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Localization;
using Npgsql;

namespace AuthPlatform.AdminWeb.Pages.Applications;

/// <summary>Who sees to one application. Only managers of all applications choose that: an owner could otherwise hand on what was given to them.</summary>
[Access(View = [AdministratorRoles.ApplicationManager, AdministratorRoles.Auditor], Owners = true, RecentToAct = true)]
internal sealed class OwnersModel(AuthDbContext database, ApplicationChange change, IStringLocalizer<Texts> texts) : ApplicationPage(database, change)
{
    [BindProperty]
    public string? UserName { get; set; }

    public IReadOnlyList<(Guid Id, string UserName)> Owners { get; private set; } = [];

    protected override bool IsForManagers => !Request.IsLook();

    public Task OnGetAsync(CancellationToken cancellationToken) => ReadAsync(cancellationToken);

    public async Task<IActionResult> OnPostAddAsync(CancellationToken cancellationToken)
    {
        var name = UserName?.Trim().ToUpperInvariant() ?? "";
        if (await Database.Administrators.SingleOrDefaultAsync(a => a.NormalizedUserName == name, cancellationToken) is not { } person)
        {
            ModelState.AddModelError(nameof(UserName), "There is nobody of that name.");
            await ReadAsync(cancellationToken);
            return Page();
        }

        if (!await Database.ApplicationOwners.AnyAsync(o => o.ApplicationId == Application.Id && o.AdministratorId == person.Id, cancellationToken))
        {
            Database.ApplicationOwners.Add(new ApplicationOwner { ApplicationId = Application.Id, AdministratorId = person.Id });
            await SaveAsync(AuditKinds.OwnerAdded, person.UserName, cancellationToken);
        }

        return Done("Owners", texts["{0} is an owner now.", person.UserName]);
    }

    public async Task<IActionResult> OnPostRemoveAsync(Guid id, CancellationToken cancellationToken)
    {
        if (await Database.Administrators.Where(a => a.Id == id).Select(a => a.UserName).SingleOrDefaultAsync(cancellationToken) is not { } name)
        {
            return NotFound();
        }

        if (await Database.ApplicationOwners.SingleOrDefaultAsync(o => o.ApplicationId == Application.Id && o.AdministratorId == id, cancellationToken) is { } owner)
        {
            Database.ApplicationOwners.Remove(owner);
            await SaveAsync(AuditKinds.OwnerRemoved, name, cancellationToken);
        }

        return Done("Owners", texts["{0} is no owner any more.", name]);
    }

    /// <summary>Of two who do the same at once, the audit names one: it was done once.</summary>
    private async Task SaveAsync(string kind, string owner, CancellationToken cancellationToken)
    {
        try
        {
            await Change.RecordAsync(Application, kind, new { Owner = owner }, cancellationToken);
        }
        catch (DbUpdateException exception) when (exception is DbUpdateConcurrencyException || exception.InnerException is PostgresException { SqlState: PostgresErrorCodes.UniqueViolation })
        {
        }
    }

    private async Task ReadAsync(CancellationToken cancellationToken) =>
        Owners = [.. (await (
            from o in Database.ApplicationOwners
            join a in Database.Administrators on o.AdministratorId equals a.Id
            where o.ApplicationId == Application.Id
            orderby a.UserName
            select new { a.Id, a.UserName }).ToListAsync(cancellationToken)).Select(a => (a.Id, a.UserName))];
}
