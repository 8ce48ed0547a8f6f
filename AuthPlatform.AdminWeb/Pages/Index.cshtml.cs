using AuthPlatform.AdminWeb.Applications;
using AuthPlatform.AdminWeb.Overview;
using AuthPlatform.AdminWeb.Security;
using AuthPlatform.AdminWeb.SignIn;
using AuthPlatform.AdminWeb.Users;
using AuthPlatform.Contracts;
using AuthPlatform.Data.Admin;
using AuthPlatform.Data.Auth;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace AuthPlatform.AdminWeb.Pages;

/// <summary>How the platform is at this moment; owners see that of their applications.</summary>
[Access]
internal sealed class IndexModel(AuthDbContext database, TrafficQuery traffic, Health health, IOptions<AdminOptions> options, TimeProvider clock) : PageModel
{
    /// <summary>Names the handler that a script asks.</summary>
    public const string Live = "Live";

    private const int MostDue = 5;
    private const int MostLookedUp = 1000;
    private static readonly TimeSpan Soon = TimeSpan.FromDays(14);

    /// <summary>Null for owners: it is the platform's, not that of their applications.</summary>
    public IReadOnlyList<Traffic>? Traffic { get; private set; }

    public IReadOnlyList<(string Code, long Count)> Refusals { get; private set; } = [];

    public (long Count, bool IsEstimate) Sessions { get; private set; }

    public IReadOnlyList<ServiceHealth> Services { get; private set; } = [];

    public IReadOnlyList<KeyDue> Due { get; private set; } = [];

    /// <summary>How many people wait for this one, or another, to let them in.</summary>
    public int Waiting { get; private set; }

    public string? DashboardUrl { get; private set; }

    public async Task OnGetAsync(CancellationToken cancellationToken)
    {
        var (current, now) = (HttpContext.Administrator(), clock.GetUtcNow());
        var scope = await ApplicationScope.VisibleAsync(database, current, null, cancellationToken);
        var asked = health.AskAsync(cancellationToken);
        Traffic = scope.Ids is null ? await traffic.ReadAsync(now, cancellationToken) : null;
        Refusals = await traffic.ReadRefusalsAsync(scope, now, cancellationToken);
        Sessions = await traffic.CountSessionsAsync(scope, cancellationToken);
        Waiting = await CountWaitingAsync(current, cancellationToken);
        DashboardUrl = current.SeesAll() ? options.Value.DashboardUrl : null;
        (Services, var due) = await asked;
        Due = await VisibleAsync([.. due.Where(d => d.RotatesAt - now < Soon)], current, cancellationToken);
    }

    /// <summary>The part that a script asks for again and again.</summary>
    public async Task<IActionResult> OnGetLiveAsync(CancellationToken cancellationToken)
    {
        await OnGetAsync(cancellationToken);
        return Partial("_Overview", this);
    }

    private async Task<int> CountWaitingAsync(CurrentAdministrator current, CancellationToken cancellationToken)
    {
        if (!current.IsIn(AdministratorRoles.Administrator, AdministratorRoles.UserManager))
        {
            return 0;
        }

        var people = database.Administrators.In(UserStates.Waiting);
        return await (current.IsIn(AdministratorRoles.Administrator) ? people : people.Where(p => !p.Roles.Contains(AdministratorRoles.Administrator))).CountAsync(cancellationToken);
    }

    private async Task<IReadOnlyList<KeyDue>> VisibleAsync(IReadOnlyList<KeyDue> due, CurrentAdministrator current, CancellationToken cancellationToken)
    {
        if (due.Count == 0)
        {
            return due;
        }

        var visible = database.Applications.VisibleTo(database, current);
        if (current.SeesAll())
        {
            // Nearly all are there; of owners, what they own is looked for among all.
            string[] first = [.. due.Take(MostLookedUp).Select(d => d.ClientId)];
            visible = visible.Where(a => first.Contains(a.ClientId));
        }

        var names = await visible.Select(a => a.ClientId).ToHashSetAsync(cancellationToken);
        return [.. due.Where(d => names.Contains(d.ClientId)).Take(MostDue)];
    }
}
