using AuthPlatform.AdminWeb.Security;
using AuthPlatform.AdminWeb.SignIn;
using AuthPlatform.Data.Admin;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Microsoft.Extensions.Options;

namespace AuthPlatform.AdminWeb.Pages.SignIn;

/// <summary>A name and a password, or a passkey.</summary>
[AllowAnonymous]
[PrecedesSession]
internal sealed class IndexModel(
    PasswordSignIn passwords,
    Passkeys passkeys,
    PendingSignIn pending,
    AdministratorSessions sessions,
    GuardedTry guarded,
    IOptions<AdminOptions> options) : PageModel
{
    private const string Wrong = "The user name or the password is wrong.";

    [BindProperty]
    public string? UserName { get; set; }

    [BindProperty]
    public string? Password { get; set; }

    [BindProperty(SupportsGet = true)]
    public string? ReturnUrl { get; set; }

    /// <summary>Whether a form led here, with which nothing was done.</summary>
    public bool Lost { get; private set; }

    /// <summary>Whether browsers accept Secure cookies at the public address.</summary>
    public bool IsKept => new Uri(options.Value.PublicUrl) is { Scheme: "https" } or { IsLoopback: true };

    public IActionResult OnGet(bool lost)
    {
        Lost = lost;
        // Another tab has signed in since this one came here.
        return HttpContext.Features.Get<CurrentAdministrator>() is { HasSecondFactor: true, IsApproved: true } ? this.GoBack(ReturnUrl) : Page();
    }

    public async Task<IActionResult> OnPostAsync(CancellationToken cancellationToken)
    {
        if (UserName is not { Length: > 0 and <= 100 } name || Password is not { Length: > 0 and <= 128 } password)
        {
            return Refuse(Wrong);
        }

        var (administrator, tooSoon) = await guarded.RunAsync(SignInDelays.Password, name, name, SignInRefusals.WrongPassword, () => passwords.FindAsync(name, password), cancellationToken);
        if (administrator is null)
        {
            return Refuse(tooSoon ?? Wrong);
        }

        if (administrator.TotpSecretEncrypted is not null)
        {
            pending.Begin(administrator);
            return RedirectToPage("Code", new { ReturnUrl });
        }

        // Somebody who left before they had a second factor: all they can do is to get one.
        await sessions.BeginAsync(administrator, SignInMethods.Password, cancellationToken);
        return this.GoBack(ReturnUrl);
    }

    public async Task<IActionResult> OnPostOptionsAsync() => Content(await passkeys.AskAsync(null), "application/json");

    public async Task<IActionResult> OnPostPasskeyAsync(string? credential, CancellationToken cancellationToken)
    {
        var (administrator, tooSoon) = await guarded.RunAsync(
            SignInDelays.Passkey,
            null,
            null,
            SignInRefusals.UnknownPasskey,
            async () => await passkeys.ProveAsync(credential, cancellationToken) is { SuspendedAt: null } owner ? owner : null,
            cancellationToken);
        if (administrator is null)
        {
            return Refuse(tooSoon ?? "This passkey is not known here.");
        }

        await sessions.BeginAsync(administrator, SignInMethods.Passkey, cancellationToken);
        return this.GoBack(ReturnUrl);
    }

    private PageResult Refuse(string message)
    {
        ModelState.AddModelError("", message);
        return Page();
    }
}
