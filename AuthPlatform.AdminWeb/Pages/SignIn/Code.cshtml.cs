using AuthPlatform.AdminWeb.Components;
using AuthPlatform.AdminWeb.Security;
using AuthPlatform.AdminWeb.SignIn;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Extensions.Localization;

namespace AuthPlatform.AdminWeb.Pages.SignIn;

/// <summary>The second step of a sign-in with a password.</summary>
[AllowAnonymous]
[PrecedesSession]
internal sealed class CodeModel(PendingSignIn pending, SecondFactor secondFactor, AdministratorSessions sessions, GuardedTry guarded, IStringLocalizer<Texts> texts) : CodePage
{
    public async Task<IActionResult> OnGetAsync() => await pending.FindAsync() is null ? BeginAgain() : Page();

    public async Task<IActionResult> OnPostAsync(CancellationToken cancellationToken)
    {
        if (await pending.FindAsync() is not { } administrator)
        {
            return BeginAgain();
        }

        var (method, tooSoon) = await guarded.RunAsync(
            SignInDelays.Code,
            administrator.Id.ToString(),
            administrator.UserName,
            SignInRefusals.WrongCode,
            () => secondFactor.UseAsync(administrator, Code, cancellationToken),
            cancellationToken);
        if (method is null)
        {
            return Refuse(tooSoon ?? "That code is wrong, or was used already. Wait for the next one.");
        }

        pending.End();
        await sessions.BeginAsync(administrator, method, cancellationToken);
        return this.GoBack(ReturnUrl);
    }

    private RedirectToPageResult BeginAgain()
    {
        // Whoever is signed in by now is led on from there, and need not begin anything.
        if (HttpContext.Features.Get<CurrentAdministrator>() is null)
        {
            this.Tell(texts["The first step does not count any more: it was more than five minutes ago, or your account has changed since. Begin again."]);
        }

        return RedirectToPage("Index", new { ReturnUrl });
    }
}
