using AuthPlatform.AdminWeb.Audit;
using AuthPlatform.AdminWeb.Components;
using AuthPlatform.AdminWeb.Security;
using AuthPlatform.AdminWeb.SignIn;
using AuthPlatform.Data.Admin;
using AuthPlatform.Data.Auth;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Localization;

namespace AuthPlatform.AdminWeb.Pages.Account;

/// <summary>A person's own sign-in and sessions.</summary>
[Access]
internal sealed class IndexModel(AuthDbContext database, AdministratorSessions sessions, AccountAudit audit, IStringLocalizer<Texts> texts) : PageModel
{
    public Administrator Administrator { get; private set; } = null!;

    public IReadOnlyList<AdministratorPasskey> Passkeys { get; private set; } = [];

    public IReadOnlyList<AdministratorSession> Sessions { get; private set; } = [];

    public async Task<IActionResult> OnGetAsync(CancellationToken cancellationToken)
    {
        var id = HttpContext.Administrator().Id;
        if (await database.Administrators.AsNoTracking().SingleOrDefaultAsync(a => a.Id == id, cancellationToken) is not { } administrator)
        {
            // Deleted a moment ago.
            return Challenge();
        }

        Administrator = administrator;
        Passkeys = await database.AdministratorPasskeys.AsNoTracking().Where(p => p.AdministratorId == id).OrderBy(p => p.CreatedAt).ToListAsync(cancellationToken);
        Sessions = await database.AdministratorSessions.AsNoTracking().Where(s => s.AdministratorId == id).OrderByDescending(s => s.LastSeenAt).Take(100).ToListAsync(cancellationToken);
        return Page();
    }

    public async Task<IActionResult> OnPostEndAsync(Guid id, CancellationToken cancellationToken)
    {
        var me = HttpContext.Administrator();
        await using var transaction = await database.Database.BeginTransactionAsync(cancellationToken);
        if (await database.AdministratorSessions.Where(s => s.Id == id && s.AdministratorId == me.Id).ExecuteDeleteAsync(cancellationToken) == 0)
        {
            return NotFound();
        }

        await RecordAsync(1, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        this.Tell(texts["The session has ended."]);
        return RedirectToPage();
    }

    public async Task<IActionResult> OnPostEndOthersAsync(CancellationToken cancellationToken)
    {
        await using var transaction = await database.Database.BeginTransactionAsync(cancellationToken);
        var ended = await sessions.EndAllAsync(HttpContext.Administrator().Id, HttpContext.Administrator().SessionId, cancellationToken);
        await RecordAsync(ended, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        this.Tell(texts["All your other sessions have ended."]);
        return RedirectToPage();
    }

    private async Task RecordAsync(int ended, CancellationToken cancellationToken)
    {
        audit.Add(AuditKinds.UserSessionsEnded, HttpContext.Administrator().UserName, new { Sessions = ended });
        await database.SaveChangesAsync(cancellationToken);
    }
}
