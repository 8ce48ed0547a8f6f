using System.Reflection;
using AuthPlatform.AdminWeb.Applications;
using AuthPlatform.AdminWeb.Audit;
using AuthPlatform.AdminWeb.Components;
using AuthPlatform.AdminWeb.Security;
using AuthPlatform.AdminWeb.SignIn;
using AuthPlatform.Data.Admin;
using AuthPlatform.Data.Auth;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.Filters;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Microsoft.Extensions.Localization;

namespace AuthPlatform.AdminWeb.Pages.Audit;

/// <summary>Shows what happened: everything to managers and auditors, what is about their applications to owners.</summary>
[Access(View = [AdministratorRoles.ApplicationManager, AdministratorRoles.Auditor], Act = [], Owners = true)]
internal sealed class IndexModel(AuthDbContext database, AuditQuery events, AuditDownload download, AccountAudit audit, Preferences preferences, IStringLocalizer<Texts> texts) : PageModel
{
    /// <summary>What events can be; refusals and sessions first, as the class lists them.</summary>
    public static readonly IReadOnlyList<string> Kinds =
        [.. typeof(AuditKinds).GetFields(BindingFlags.Public | BindingFlags.Static).Select(f => (string)f.GetRawConstantValue()!).Where(k => k != AuditKinds.Repeated).Distinct()];

    private ApplicationScope _scope = null!;

    public AuditSearch Search { get; private set; } = null!;

    public Slice<AuditRow> Found { get; private set; } = null!;

    public int Size { get; private set; }

    public Pager Pager => Found.ToPager(Request, texts);

    public override async Task OnPageHandlerExecutionAsync(PageHandlerExecutingContext context, PageHandlerExecutionDelegate next)
    {
        var query = Request.Query;
        Search = new AuditSearch(query["kind"], query["app"], query["actor"], query["address"], query["user"], query["session"], query["from"], query["to"], preferences.Zone);
        _scope = await ApplicationScope.VisibleAsync(database, HttpContext.Administrator(), Search.App, HttpContext.RequestAborted);
        await next();
    }

    public async Task OnGetAsync(string? size, string? at, CancellationToken cancellationToken)
    {
        Size = PageSize.Read(size);
        var cursor = Cursor.Read(at);
        Found = Slice<AuditRow>.Of(await events.ReadAsync(Search, _scope, cursor, Size + 1, cancellationToken), Size, cursor, row => (row.OccurredAt, row.Id));
    }

    public Task<IActionResult> OnGetCsvAsync(CancellationToken cancellationToken) => DownloadAsync("csv", download.WriteCsvAsync, cancellationToken);

    public Task<IActionResult> OnGetJsonAsync(CancellationToken cancellationToken) => DownloadAsync("json", download.WriteJsonAsync, cancellationToken);

    private async Task<IActionResult> DownloadAsync(string format, Func<HttpResponse, AuditSearch, ApplicationScope, CancellationToken, Task> write, CancellationToken cancellationToken)
    {
        var details = new Dictionary<string, string>(Search.ToRoute()) { ["format"] = format };
        audit.Add(AuditKinds.AuditDownloaded, HttpContext.Administrator().UserName, details);
        await database.SaveChangesAsync(cancellationToken);
        await write(Response, Search, _scope, cancellationToken);
        return new EmptyResult();
    }
}
