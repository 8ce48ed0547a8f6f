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

/// <summary>Adds and removes a person's own passkeys.</summary>
[Access(Recent = true)]
internal sealed class PasskeysModel(AuthDbContext database, Passkeys passkeys, AccountAudit audit, IStringLocalizer<Texts> texts) : PageModel
{
    private const int Most = 20;

    [BindProperty]
    public string? Name { get; set; }

    public IReadOnlyList<AdministratorPasskey> Passkeys { get; private set; } = [];

    public Task OnGetAsync(CancellationToken cancellationToken) => FindAsync(cancellationToken);

    public async Task<IActionResult> OnPostOptionsAsync(CancellationToken cancellationToken) =>
        Content(await passkeys.OfferAsync(await FindAsync(cancellationToken)), "application/json");

    public async Task<IActionResult> OnPostAsync(string? credential, CancellationToken cancellationToken)
    {
        var me = await FindAsync(cancellationToken);
        var name = Name?.Trim() ?? "";
        if (name.Length is 0 or > 100 || name.Any(char.IsControl))
        {
            ModelState.AddModelError(nameof(Name), "The name must have 1 to 100 characters.");
            return Page();
        }

        if (Passkeys.Count >= Most)
        {
            ModelState.AddModelError("", texts["You have {0} passkeys, and nobody can have more. Remove one first.", Most]);
            return Page();
        }

        if (!await passkeys.AddAsync(me, credential, name))
        {
            ModelState.AddModelError("", "The passkey could not be added. Try again.");
            return Page();
        }

        this.Tell(texts["The passkey was added. You can sign in with it from now on."]);
        return RedirectToPage("Index");
    }

    public async Task<IActionResult> OnPostRemoveAsync(string? id, CancellationToken cancellationToken)
    {
        var me = await FindAsync(cancellationToken);
        if (me.TotpSecretEncrypted is null && Passkeys.Count == 1)
        {
            ModelState.AddModelError("", "This is your only second factor. Set up an authenticator app first.");
            return Page();
        }

        var bytes = new byte[1024];
        if (!Convert.TryFromBase64String(id ?? "", bytes, out var length))
        {
            return NotFound();
        }

        var credentialId = bytes[..length];
        if (await database.AdministratorPasskeys.SingleOrDefaultAsync(p => p.AdministratorId == me.Id && p.CredentialId == credentialId, cancellationToken) is not { } passkey)
        {
            return NotFound();
        }

        database.AdministratorPasskeys.Remove(passkey);
        // The person's row is written with it, and so compared: two tabs that each remove another one would leave the password alone.
        database.Entry(me).Property(a => a.SecurityStamp).IsModified = true;
        audit.Add(AuditKinds.UserPasskeyRemoved, me, new { Passkey = passkey.Name });
        await database.SaveChangesAsync(cancellationToken);

        this.Tell(texts["The passkey was removed."]);
        return RedirectToPage("Index");
    }

    /// <summary>The person first: whoever adds or removes a passkey after that has changed their row by the time that this one is saved.</summary>
    private async Task<Administrator> FindAsync(CancellationToken cancellationToken)
    {
        var id = HttpContext.Administrator().Id;
        var me = await database.Administrators.SingleAsync(a => a.Id == id, cancellationToken);
        Passkeys = await database.AdministratorPasskeys.AsNoTracking().Where(p => p.AdministratorId == id).OrderBy(p => p.CreatedAt).ToListAsync(cancellationToken);
        return me;
    }
}
