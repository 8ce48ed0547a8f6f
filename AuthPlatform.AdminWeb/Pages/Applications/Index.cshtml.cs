using System.Globalization;
using AuthPlatform.AdminWeb.Applications;
using AuthPlatform.AdminWeb.Components;
using AuthPlatform.AdminWeb.Security;
using AuthPlatform.AdminWeb.SignIn;
using AuthPlatform.Data.Admin;
using AuthPlatform.Data.Auth;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Localization;

namespace AuthPlatform.AdminWeb.Pages.Applications;

/// <summary>Finds applications: all of them for managers and auditors, their own for owners.</summary>
[Access(View = [AdministratorRoles.ApplicationManager, AdministratorRoles.Auditor], Owners = true)]
internal sealed class IndexModel(AuthDbContext database, Preferences preferences, IStringLocalizer<Texts> texts) : PageModel
{
    public ApplicationSearch Search { get; private set; } = null!;

    public IReadOnlyList<Row> Rows { get; private set; } = [];

    public int Size { get; private set; }

    public Pager Pager { get; private set; } = null!;

    public async Task OnGetAsync(
        string? q, string? owner, string? state, string? from, string? to, string? size, [FromQuery(Name = "page")] string? number, CancellationToken cancellationToken)
    {
        Search = new ApplicationSearch(q, owner, state, Day(from), Day(to));
        Size = PageSize.Read(size);
        var found = Search.Apply(database.Applications.AsNoTracking().VisibleTo(database, HttpContext.Administrator()), database, preferences.Zone);
        var page = NumberedPage.Read(number, Size, await found.CountAsync(cancellationToken));
        Rows = await found
            .OrderByDescending(a => a.Id)
            .Skip(page.First)
            .Take(Size)
            .Select(a => new Row(
                a.ClientId,
                a.Name,
                a.Enabled,
                a.CreatedAt,
                (from o in database.ApplicationOwners
                 join m in database.Administrators on o.AdministratorId equals m.Id
                 where o.ApplicationId == a.Id
                 orderby m.UserName
                 select m.UserName).ToList()))
            .ToListAsync(cancellationToken);
        Pager = page.ToPager(Request, texts, Rows.Count);
    }

    private static DateOnly? Day(string? text) => DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day) ? day : null;

    /// <summary>One line of the list.</summary>
    internal sealed record Row(string ClientId, string Name, bool Enabled, DateTimeOffset CreatedAt, IReadOnlyList<string> Owners);
}
