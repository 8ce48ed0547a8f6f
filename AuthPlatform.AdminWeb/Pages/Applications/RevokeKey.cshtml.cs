using AuthPlatform.AdminWeb.Applications;
using AuthPlatform.AdminWeb.Security;
using AuthPlatform.Contracts;
using AuthPlatform.Data.Admin;
using AuthPlatform.Data.Auth;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Extensions.Localization;

namespace AuthPlatform.AdminWeb.Pages.Applications;

/// <summary>The emergency: refuses everything that a key signed, once its name was typed.</summary>
[Access(View = [AdministratorRoles.ApplicationManager], Owners = true, Recent = true)]
internal sealed class RevokeKeyModel(AuthDbContext database, ApplicationChange change, KeyManagerClient keys, TimeProvider clock, IStringLocalizer<Texts> texts)
    : ApplicationPage(database, change)
{
    [BindProperty]
    public string? Typed { get; set; }

    public KeyListingEntry Key { get; private set; } = null!;

    /// <summary>What hangs on it; null when it could not be counted.</summary>
    public KeyReach? Reach { get; private set; }

    protected override bool IsForChanging => true;

    public Task<IActionResult> OnGetAsync(string kid, CancellationToken cancellationToken) => ShowAsync(kid, cancellationToken);

    public async Task<IActionResult> OnPostAsync(string kid, CancellationToken cancellationToken)
    {
        if (Typed?.Trim() != kid)
        {
            ModelState.AddModelError(nameof(Typed), "That is not the name of the key.");
            return await ShowAsync(kid, cancellationToken);
        }

        // From here on it may be done: whoever hangs up must not keep it out of the audit.
        var (revocation, problem) = await keys.RevokeKeyAsync(Application.ClientId, kid, CancellationToken.None);
        if (revocation is null)
        {
            return StatusCode(problem!.Status);
        }

        await Change.RecordAsync(Application, AuditKinds.KeyRevoked, new { revocation.Kid, revocation.State }, CancellationToken.None);
        return Done("Keys", texts["The key is revoked: everything that it signed is refused."]);
    }

    private async Task<IActionResult> ShowAsync(string kid, CancellationToken cancellationToken)
    {
        var (listing, problem) = await keys.ListKeysAsync(Application.ClientId, cancellationToken);
        if (listing?.Keys.FirstOrDefault(k => k.Kid == kid && k.State != "revoked") is not { } key)
        {
            return StatusCode(problem?.Status ?? StatusCodes.Status404NotFound);
        }

        Key = key;
        Reach = await KeyReaches.CountAsync(Database, Application.Id, kid, clock.GetUtcNow(), cancellationToken);
        return Page();
    }
}
