using AuthPlatform.AdminWeb.Applications;
using AuthPlatform.AdminWeb.Security;
using AuthPlatform.AdminWeb.SignIn;
using AuthPlatform.Contracts;
using AuthPlatform.Data.Admin;
using AuthPlatform.Data.Auth;
using Microsoft.AspNetCore.Mvc;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Localization;

namespace AuthPlatform.AdminWeb.Pages.Applications;

/// <summary>Shows and changes everything that an application's requests and tokens are treated by.</summary>
[Access(View = [AdministratorRoles.ApplicationManager, AdministratorRoles.Auditor], Owners = true, RecentToAct = true)]
internal sealed class SettingsModel(AuthDbContext database, ApplicationChange change, KeyManagerClient keys, IStringLocalizer<Texts> texts) : ApplicationPage(database, change)
{
    private const int MostFailures = 20;

    [BindProperty]
    public ApplicationInput Input { get; set; } = new();

    /// <summary>What the form was filled from: two who edit at once do not overwrite each other.</summary>
    [BindProperty]
    public uint Version { get; set; }

    public void OnGet() => (Input, Version) = (ApplicationInput.Of(Application), Application.Version);

    public async Task<IActionResult> OnPostAsync(CancellationToken cancellationToken)
    {
        var named = Application.ResourceServers;
        List<RuleFailure> failures = [.. Input.Apply(Application), .. await CheckResourceServersAsync(named, cancellationToken)];
        foreach (var failure in failures)
        {
            ModelState.AddModelError($"{nameof(Input)}.{failure.Member}", texts[failure.Text.Format, failure.Text.GetArguments()!]);
        }

        if (!ModelState.IsValid)
        {
            ModelState.AddModelError("", "Nothing was saved: see the fields below.");
            return Page();
        }

        Database.Entry(Application).Property(a => a.Version).OriginalValue = Version;
        if (!await Change.SaveAsync(Application, cancellationToken))
        {
            return ShowConflict();
        }

        return Done("Settings", texts["Saved."]);
    }

    public async Task<IActionResult> OnPostEnableAsync(CancellationToken cancellationToken)
    {
        // A deletion that stopped at its last step has taken them.
        if (!await keys.EnsureKeysAsync(Application.ClientId, cancellationToken))
        {
            Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
            ModelState.AddModelError("", "The Key Manager does not answer, so there may be no keys to sign with. Nothing was changed; try again in a moment.");
            OnGet();
            return Page();
        }

        if (!await SwitchAsync(true, cancellationToken))
        {
            return StatusCode(StatusCodes.Status409Conflict);
        }

        // Again: one that was at that step just now may have taken those, too. From here on it notices.
        await keys.EnsureKeysAsync(Application.ClientId, CancellationToken.None);
        return Done("Settings", texts["The application is enabled."]);
    }

    public async Task<IActionResult> OnPostDisableAsync(CancellationToken cancellationToken) =>
        await SwitchAsync(false, cancellationToken) ? Done("Settings", texts["The application is disabled."]) : StatusCode(StatusCodes.Status409Conflict);

    /// <summary>
    /// What is wrong with those that are named now and were not before. They take this application's tokens for good: whoever sees only to some applications decides that for these, and
    /// is told the same of one of somebody else as of one that does not exist, which somebody else may register.
    /// </summary>
    private async Task<IEnumerable<RuleFailure>> CheckResourceServersAsync(string[] before, CancellationToken cancellationToken)
    {
        var current = HttpContext.Administrator();
        var added = Application.ResourceServers.Except(before, StringComparer.Ordinal).Where(id => ClientId.IsWellFormed(id)).ToList();
        if (added.Count == 0 || current.ManagesAll())
        {
            return [];
        }

        var own = await Database.Applications.ChangeableBy(Database, current).Where(a => added.Contains(a.ClientId)).Select(a => a.ClientId).ToListAsync(cancellationToken);
        return added.Except(own, StringComparer.Ordinal).Take(MostFailures).Select(
            id => new RuleFailure(nameof(Input.ResourceServers), $"'{id}' is none of your applications: ask an administrator or an application manager to add it."));
    }

    private Task<bool> SwitchAsync(bool enabled, CancellationToken cancellationToken)
    {
        Application.Enabled = enabled;
        return Change.SaveAsync(Application, cancellationToken);
    }
}
