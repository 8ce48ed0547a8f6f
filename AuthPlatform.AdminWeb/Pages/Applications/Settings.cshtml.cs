using AuthPlatform.AdminWeb.Applications;
using AuthPlatform.AdminWeb.Security;
using AuthPlatform.Contracts;
using AuthPlatform.Data.Admin;
using AuthPlatform.Data.Auth;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Extensions.Localization;

namespace AuthPlatform.AdminWeb.Pages.Applications;

/// <summary>Shows and changes everything that an application's requests and tokens are treated by.</summary>
[Access(View = [AdministratorRoles.ApplicationManager, AdministratorRoles.Auditor], Owners = true, RecentToAct = true)]
internal sealed class SettingsModel(AuthDbContext database, ApplicationChange change, KeyManagerClient keys, IStringLocalizer<Texts> texts) : ApplicationPage(database, change)
{
    [BindProperty]
    public ApplicationInput Input { get; set; } = new();

    /// <summary>What the form was filled from: two who edit at once do not overwrite each other.</summary>
    [BindProperty]
    public uint Version { get; set; }

    public void OnGet() => (Input, Version) = (ApplicationInput.Of(Application), Application.Version);

    public async Task<IActionResult> OnPostAsync(CancellationToken cancellationToken)
    {
        foreach (var failure in Input.Apply(Application))
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

    private Task<bool> SwitchAsync(bool enabled, CancellationToken cancellationToken)
    {
        Application.Enabled = enabled;
        return Change.SaveAsync(Application, cancellationToken);
    }
}
