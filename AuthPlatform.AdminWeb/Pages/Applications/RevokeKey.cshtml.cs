using AuthPlatform.AdminWeb.Applications;
using AuthPlatform.AdminWeb.Components;
using AuthPlatform.AdminWeb.Security;
using AuthPlatform.Contracts;
using AuthPlatform.Data.Admin;
using AuthPlatform.Data.Auth;
using Microsoft.AspNetCore.Mvc;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Localization;

namespace AuthPlatform.AdminWeb.Pages.Applications;

/// <summary>The emergency: refuses everything that a key signed, once its name was typed.</summary>
[Access(View = [AdministratorRoles.ApplicationManager], Owners = true, Recent = true)]
internal sealed class RevokeKeyModel(AuthDbContext database, ApplicationChange change, KeyManagerClient keys, TimeProvider clock, IStringLocalizer<Texts> texts)
    : ApplicationPage(database, change)
{
    private const int CountLimit = 10_000;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);

    [BindProperty]
    public string? Typed { get; set; }

    public KeyListingEntry Key { get; private set; } = null!;

    /// <summary>What hangs on it, counted up to one above the limit; null when it could not be counted.</summary>
    public KeyReach? Reach { get; private set; }

    public bool IsMore => Reach?.LiveSessions > CountLimit;

    protected override bool IsForChanging => true;

    public Task<IActionResult> OnGetAsync(string kid, CancellationToken cancellationToken) => ShowAsync(kid, cancellationToken);

    public async Task<IActionResult> OnPostAsync(string kid, CancellationToken cancellationToken)
    {
        if (Typed?.Trim() != kid)
        {
            ModelState.AddModelError(nameof(Typed), "That is not the name of the key.");
            return await ShowAsync(kid, cancellationToken);
        }

        var (revocation, problem) = await keys.RevokeKeyAsync(Application.ClientId, kid, cancellationToken);
        if (revocation is null)
        {
            return StatusCode(problem!.Status);
        }

        // It is done: whoever hangs up now must not keep it out of the audit.
        await Change.RecordAsync(Application, AuditKinds.KeyRevoked, new { revocation.Kid, revocation.State }, CancellationToken.None);
        this.Tell(texts["The key is revoked: everything that it signed is refused."]);
        return RedirectToPage("Keys", new { clientId = Application.ClientId });
    }

    private async Task<IActionResult> ShowAsync(string kid, CancellationToken cancellationToken)
    {
        var (listing, problem) = await keys.ListKeysAsync(Application.ClientId, cancellationToken);
        if (listing?.Keys.FirstOrDefault(k => k.Kid == kid && k.State != "revoked") is not { } key)
        {
            return StatusCode(problem?.Status ?? StatusCodes.Status404NotFound);
        }

        Key = key;
        Reach = await CountAsync(kid, cancellationToken);
        return Page();
    }

    /// <summary>Never all of a hundred million sessions; and whatever is the matter with them must not keep anybody from revoking.</summary>
    private async Task<KeyReach?> CountAsync(string kid, CancellationToken cancellationToken)
    {
        var (id, now) = (Application.Id, clock.GetUtcNow());
        Database.Database.SetCommandTimeout(Patience);
        try
        {
            var found = await Database.Sessions
                .Where(s => s.ApplicationId == id && s.KeyId == kid && s.IdleExpiresAt > now)
                .OrderBy(s => s.Id)
                .Take(CountLimit + 1)
                .GroupBy(s => s.KeyId)
                .Select(g => new { Sessions = g.LongCount(), Tokens = g.LongCount(s => s.TokensUntil > now), Until = g.Max(s => s.TokensUntil) })
                .SingleOrDefaultAsync(cancellationToken);
            return found is null ? KeyReach.None : new KeyReach(found.Sessions, found.Tokens, found.Until > now ? found.Until : null);
        }
        catch (Exception exception) when (Outage.StatusOf(exception) == StatusCodes.Status503ServiceUnavailable)
        {
            return null;
        }
    }
}
