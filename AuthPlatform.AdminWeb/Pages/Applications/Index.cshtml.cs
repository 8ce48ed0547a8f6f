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

    public int Total { get; private set; }

    public int Size { get; private set; }

    public int PageNumber { get; private set; }

    public int Pages => Math.Max(1, (Total + Size - 1) / Size);

    public int First => (PageNumber - 1) * Size;

    public Pager Pager => new(
        texts["{0}–{1} of {2}", First + 1, First + Rows.Count, Total],
        PageNumber > 1 ? Link(PageNumber - 1) : null,
        PageNumber < Pages ? Link(PageNumber + 1) : null);

    public async Task OnGetAsync(
        string? q, string? owner, string? state, string? from, string? to, string? size, [FromQuery(Name = "page")] string? number, CancellationToken cancellationToken)
    {
        Search = new ApplicationSearch(q, owner, state, Day(from), Day(to));
        Size = PageSize.Read(size);
        var found = Search.Apply(database.Applications.AsNoTracking().VisibleTo(database, HttpContext.Administrator()), database, preferences.Zone);
        Total = await found.CountAsync(cancellationToken);
        // A page that is not there is the last one: rows may have gone since the link was made.
        PageNumber = int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var page) ? Math.Clamp(page, 1, Pages) : 1;
        Rows = await found
            .OrderByDescending(a => a.Id)
            .Skip(First)
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
    }

    private string Link(int number) => Pager.Link(Request, "page", number.ToString(CultureInfo.InvariantCulture));

    private static DateOnly? Day(string? text) => DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day) ? day : null;

    /// <summary>One line of the list.</summary>
    internal sealed record Row(string ClientId, string Name, bool Enabled, DateTimeOffset CreatedAt, IReadOnlyList<string> Owners);
}
