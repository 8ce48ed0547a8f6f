using AuthPlatform.AdminWeb.Components;
using AuthPlatform.AdminWeb.Security;
using AuthPlatform.AdminWeb.Users;
using AuthPlatform.Data.Admin;
using AuthPlatform.Data.Auth;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Localization;

namespace AuthPlatform.AdminWeb.Pages.Users;

/// <summary>Finds the people who may sign in here.</summary>
[Access(View = [AdministratorRoles.UserManager, AdministratorRoles.Auditor])]
internal sealed class IndexModel(AuthDbContext database, IStringLocalizer<Texts> texts) : PageModel
{
    private const int MaxLength = 100;

    public string? Q { get; private set; }

    public string? State { get; private set; }

    public string? Role { get; private set; }

    public int Size { get; private set; }

    public bool IsNarrowed => !string.IsNullOrEmpty(Q) || State is not null || Role is not null;

    public IReadOnlyList<Administrator> Rows { get; private set; } = [];

    public Pager Pager { get; private set; } = null!;

    public async Task OnGetAsync(string? q, string? state, string? role, string? size, [FromQuery(Name = "page")] string? number, CancellationToken cancellationToken)
    {
        (Q, Size) = (q is { Length: <= MaxLength } ? q.Trim() : null, PageSize.Read(size));
        (State, Role) = (UserStates.All.Contains(state) ? state : null, AdministratorRoles.All.Contains(role) ? role : null);
        var found = database.Administrators.AsNoTracking().In(State);
        if (!string.IsNullOrEmpty(Q))
        {
            var part = Q.ToUpperInvariant();
            found = found.Where(p => p.NormalizedUserName.Contains(part));
        }

        if (Role is { } wanted)
        {
            found = found.Where(p => p.Roles.Contains(wanted));
        }

        var page = NumberedPage.Read(number, Size, await found.CountAsync(cancellationToken));
        Rows = await found.OrderBy(p => p.NormalizedUserName).Skip(page.First).Take(Size).ToListAsync(cancellationToken);
        Pager = page.ToPager(Request, texts, Rows.Count);
    }
}
