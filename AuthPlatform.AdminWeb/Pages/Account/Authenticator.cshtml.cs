using System.Security.Cryptography;
using AuthPlatform.AdminWeb.Security;
using AuthPlatform.AdminWeb.SignIn;
using AuthPlatform.Data.Admin;
using AuthPlatform.Data.Auth;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.Filters;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace AuthPlatform.AdminWeb.Pages.Account;

/// <summary>
/// Takes an authenticator app into use. Until the app has shown a right code, the new secret is nowhere but in the form, encrypted and bound to the person.
/// Somebody who has a second factor already must have proved it lately, else a stolen session could replace it.
/// </summary>
[Access(Incomplete = true)]
internal sealed class AuthenticatorModel(
    AuthDbContext database,
    SecondFactor secondFactor,
    AdministratorSessions sessions,
    GuardedTry guarded,
    IDataProtectionProvider protection,
    IOptions<AdminOptions> options,
    TimeProvider clock) : PageModel
{
    /// <summary>Remembers a form that was sent in vain, past the page that asks for a new proof.</summary>
    private const string Another = "another-key";

    [BindProperty]
    public string? Secret { get; set; }

    [BindProperty]
    public string? Code { get; set; }

    [BindProperty(SupportsGet = true)]
    public string? ReturnUrl { get; set; }

    public string[]? Codes { get; private set; }

    /// <summary>Whether somebody has sent the form about another key before, which was in vain.</summary>
    public bool IsAnother { get; private set; }

    public string Address { get; private set; } = "";

    public string Key { get; private set; } = "";

    private Administrator Me { get; set; } = null!;

    private ITimeLimitedDataProtector Protector => protection.CreateProtector("AuthPlatform.AdminWeb.NewTotpSecret", Me.Id.ToString()).ToTimeLimitedDataProtector();

    public override async Task OnPageHandlerExecutionAsync(PageHandlerExecutingContext context, PageHandlerExecutionDelegate next)
    {
        var current = HttpContext.Administrator();
        Me = await database.Administrators.Include(a => a.Passkeys).SingleAsync(a => a.Id == current.Id, HttpContext.RequestAborted);
        var hasFactor = Me.TotpSecretEncrypted is not null || Me.Passkeys.Count > 0;
        if (hasFactor && (!current.HasSecondFactor || !current.IsRecent(clock.GetUtcNow(), options.Value)))
        {
            if (!Request.IsLook())
            {
                TempData[Another] = true;
            }

            context.Result = current.HasSecondFactor ? RedirectToPage("Confirm", new { ReturnUrl = Url.Page("Authenticator") }) : RedirectToPage("/SignIn/Index");
            return;
        }

        await next();
    }

    public void OnGet()
    {
        var secret = RandomNumberGenerator.GetBytes(Administrator.TotpSecretLength);
        IsAnother = TempData[Another] is true;
        Secret = Protector.Protect(Convert.ToBase64String(secret), TimeSpan.FromMinutes(30));
        Show(secret);
    }

    public async Task<IActionResult> OnPostAsync(CancellationToken cancellationToken)
    {
        if (Read() is not { } secret)
        {
            TempData[Another] = true;
            return RedirectToPage(new { ReturnUrl });
        }

        var (codes, tooSoon) = await guarded.RunAsync(
            SignInDelays.NewCode, Me.Id.ToString(), Me.UserName, SignInRefusals.WrongCode, () => EnrolAsync(secret, cancellationToken), cancellationToken);
        if (codes is null)
        {
            ModelState.Clear();
            Code = null;
            ModelState.AddModelError(nameof(Code), tooSoon ?? "That code is wrong. Is the clock of your phone right? Wait for the next code and enter that.");
            Show(secret);
            return Page();
        }

        await sessions.RenewAsync(Me, SignInMethods.Totp, cancellationToken);
        Codes = codes;
        return Page();
    }

    /// <summary>With the end of the other sessions or not at all: whoever closes the tab between the two would leave a thief signed in.</summary>
    private async Task<string[]?> EnrolAsync(byte[] secret, CancellationToken cancellationToken)
    {
        await using var transaction = await database.Database.BeginTransactionAsync(cancellationToken);
        if (await secondFactor.EnrolAsync(Me, secret, Code) is not { } codes)
        {
            return null;
        }

        await sessions.EndAllAsync(Me.Id, HttpContext.Administrator().SessionId, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return codes;
    }

    private byte[]? Read()
    {
        try
        {
            return Secret is null ? null : Convert.FromBase64String(Protector.Unprotect(Secret, out _));
        }
        catch (CryptographicException)
        {
            return null;
        }
    }

    private void Show(byte[] secret)
    {
        Address = Totp.Address(Me.UserName, secret);
        Key = string.Join(' ', Totp.ToBase32(secret).Chunk(4).Select(part => new string(part)));
    }
}
