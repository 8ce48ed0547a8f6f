using AuthPlatform.AdminWeb.Applications;
using AuthPlatform.AdminWeb.Security;
using AuthPlatform.Contracts;
using AuthPlatform.Data.Admin;
using AuthPlatform.Data.Auth;
using AuthPlatform.Data.Encryption;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Extensions.Localization;

namespace AuthPlatform.AdminWeb.Pages.Applications;

/// <summary>An application's two places for secrets: adds one, shown once, and ends one, now or later.</summary>
[Access(View = [AdministratorRoles.ApplicationManager, AdministratorRoles.Auditor], Owners = true, Recent = true)]
internal sealed class SecretsModel(
    AuthDbContext database, ApplicationChange change, EnvelopeCipher cipher, ClientAddress clients, TimeProvider clock, IStringLocalizer<Texts> texts)
    : ApplicationPage(database, change)
{
    private const int LongestSeconds = 30 * 86_400;

    public DateTimeOffset Now { get; } = clock.GetUtcNow();

    public NewSecret? Made { get; private set; }

    public int LiveCount => Application.Secrets.Count(s => s.IsLive(Now));

    public bool IsInUse(ApplicationSecret secret) => secret.LastUsedAt > Now.AddDays(-1);

    public async Task<IActionResult> OnPostAddAsync(CancellationToken cancellationToken)
    {
        if (ApplicationRegistration.FreeSlot(Application.Secrets, Now) is not { } slot)
        {
            ModelState.AddModelError("", "Both places are taken. End one of them first.");
            return Page();
        }

        if (Application.Secrets.FirstOrDefault(s => s.Slot == slot) is { } ended)
        {
            Application.Secrets.Remove(ended);
        }

        var secret = NewCredentials.Secret();
        Application.Secrets.Add(ApplicationRegistration.NewSecret(Application.Id, slot, secret, cipher, Now));
        if (!await Change.SaveAsync(Application, cancellationToken))
        {
            return StatusCode(StatusCodes.Status409Conflict);
        }

        Made = new NewSecret(Application.Name, Application.ClientId, secret, clients.Url);
        return Page();
    }

    /// <param name="secret">Which. Not its place: another secret may stand there by now.</param>
    /// <param name="after">When it ends.</param>
    /// <param name="now">Whether it ends at once.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public async Task<IActionResult> OnPostEndAsync(Guid secret, string? after, bool now, CancellationToken cancellationToken)
    {
        if (Application.Secrets.FirstOrDefault(s => s.Id == secret && s.IsLive(Now)) is not { } chosen)
        {
            ModelState.AddModelError("", "That secret has ended already, or another one has taken its place. Nothing was changed: see below what there is now.");
            Response.StatusCode = StatusCodes.Status409Conflict;
            return Page();
        }

        var stays = !now && after == "never";
        var seconds = now ? 0 : Duration.Read(after);
        if (!stays && seconds is null or > LongestSeconds)
        {
            ModelState.AddModelError("", "A secret ends within thirty days.");
            return Page();
        }

        chosen.ExpiresAt = stays ? null : Now.AddSeconds(seconds!.Value);
        if (!await Change.SaveAsync(Application, cancellationToken))
        {
            return StatusCode(StatusCodes.Status409Conflict);
        }

        var slot = chosen.Slot;
        return Done("Secrets", stays ? texts["Secret {0} stays.", slot] : seconds == 0 ? texts["Secret {0} has ended.", slot] : texts["Secret {0} will end.", slot]);
    }
}
