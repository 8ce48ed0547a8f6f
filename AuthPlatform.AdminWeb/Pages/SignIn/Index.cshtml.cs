using AuthPlatform.AdminWeb.Security;
using AuthPlatform.AdminWeb.SignIn;
using AuthPlatform.Data.Admin;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Microsoft.Extensions.Localization;
using Microsoft.Extensions.Options;

namespace AuthPlatform.AdminWeb.Pages.SignIn;

/// <summary>A name and a password, or a passkey.</summary>
[AllowAnonymous]
internal sealed class IndexModel(
    PasswordSignIn passwords,
    Passkeys passkeys,
    PendingSignIn pending,
    AdministratorSessions sessions,
    SignInDelays delays,
    SignInRefusals refusals,
    IOptions<AdminOptions> options,
    IStringLocalizer<Texts> texts) : PageModel
{
    private const string Wrong = "The user name or the password is wrong.";

    [BindProperty]
    public string? UserName { get; set; }

    [BindProperty]
    public string? Password { get; set; }

    [BindProperty(SupportsGet = true)]
    public string? ReturnUrl { get; set; }

    /// <summary>Whether a form led here, with which nothing was done.</summary>
    [BindProperty(SupportsGet = true)]
    public bool Lost { get; set; }

    /// <summary>Whether browsers accept Secure cookies at the public address.</summary>
    public bool IsKept => new Uri(options.Value.PublicUrl) is { Scheme: "https" } or { IsLoopback: true };

    public async Task<IActionResult> OnPostAsync(CancellationToken cancellationToken)
    {
        if (UserName is not { Length: > 0 and <= 100 } || Password is not { Length: > 0 and <= 128 })
        {
            return Refuse(Wrong);
        }

        if (await delays.TryAsync(SignInDelays.Password, UserName, HttpContext.Connection.RemoteIpAddress, cancellationToken) is { } seconds)
        {
            refusals.Add(HttpContext, SignInRefusals.TooManyTries, UserName);
            Response.StatusCode = StatusCodes.Status429TooManyRequests;
            Response.Headers.RetryAfter = seconds.ToString(System.Globalization.CultureInfo.InvariantCulture);
            return Refuse(texts["Too many tries. Wait {0} seconds.", seconds]);
        }

        if (await passwords.FindAsync(UserName, Password) is not { } administrator)
        {
            refusals.Add(HttpContext, SignInRefusals.WrongPassword, UserName);
            return Refuse(Wrong);
        }

        await delays.ForgiveAsync(SignInDelays.Password, UserName, HttpContext.Connection.RemoteIpAddress, cancellationToken);
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
        if (await delays.TryAsync("passkey", null, HttpContext.Connection.RemoteIpAddress, cancellationToken) is not null)
        {
            refusals.Add(HttpContext, SignInRefusals.TooManyTries);
            Response.StatusCode = StatusCodes.Status429TooManyRequests;
            return Refuse("Too many tries. Wait a moment.");
        }

        if (await passkeys.ProveAsync(credential, cancellationToken) is not { SuspendedAt: null } administrator)
        {
            refusals.Add(HttpContext, SignInRefusals.UnknownPasskey);
            return Refuse("This passkey is not known here.");
        }

        await delays.ForgiveAsync("passkey", null, HttpContext.Connection.RemoteIpAddress, cancellationToken);
        await sessions.BeginAsync(administrator, SignInMethods.Passkey, cancellationToken);
        return this.GoBack(ReturnUrl);
    }

    private PageResult Refuse(string message)
    {
        ModelState.AddModelError("", message);
        return Page();
    }
}
