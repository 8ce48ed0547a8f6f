using AuthPlatform.AdminWeb.Applications;
using AuthPlatform.AdminWeb.Security;
using AuthPlatform.Contracts;
using AuthPlatform.Data.Admin;
using AuthPlatform.Data.Auth;
using AuthPlatform.Data.Encryption;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Microsoft.Extensions.Localization;

namespace AuthPlatform.AdminWeb.Pages.Applications;

/// <summary>Registers an application and shows its secret once.</summary>
[Access(View = [AdministratorRoles.ApplicationManager], Recent = true)]
internal sealed class NewModel(
    AuthDbContext database, ApplicationChange change, KeyManagerClient keys, EnvelopeCipher cipher, ClientAddress clients, TimeProvider clock, IStringLocalizer<Texts> texts) : PageModel
{
    [BindProperty]
    public string? Name { get; set; }

    public NewSecret? Made { get; private set; }

    public async Task OnPostAsync(CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        var application = ApplicationRegistration.NewApplication(NewCredentials.ClientId(), Name?.Trim() ?? "", cipher, now);
        foreach (var failure in ApplicationRules.Check(application))
        {
            ModelState.AddModelError(failure.Member, texts[failure.Text.Format, failure.Text.GetArguments()!]);
        }

        if (!ModelState.IsValid)
        {
            return;
        }

        // The keys first: an application without them would refuse its first request, while keys without an application harm nobody.
        if (!await keys.EnsureKeysAsync(application.ClientId, cancellationToken))
        {
            Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
            ModelState.AddModelError("", "The Key Manager does not answer, so there would be no keys to sign with. Nothing was created; try again in a moment.");
            return;
        }

        var secret = NewCredentials.Secret();
        application.Secrets.Add(ApplicationRegistration.NewSecret(application.Id, 1, secret, cipher, now));
        database.Applications.Add(application);
        await change.SaveAsync(application, cancellationToken);
        Made = new NewSecret(application.Name, application.ClientId, secret, clients.Url);
    }
}
