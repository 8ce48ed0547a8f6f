using AuthPlatform.AdminWeb.Security;
using AuthPlatform.AdminWeb.SignIn;
using AuthPlatform.Data.Admin;
using AuthPlatform.Data.Auth;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Localization;

namespace AuthPlatform.AdminWeb.Pages.Account;

/// <summary>A new proof of who is there, before something that cannot be undone. The session goes on under a new id.</summary>
[Access]
internal sealed class ConfirmModel(
    AuthDbContext database, SecondFactor secondFactor, Passkeys passkeys, AdministratorSessions sessions, SignInDelays delays, SignInRefusals refusals, IStringLocalizer<Texts> texts) : PageModel
{
    [BindProperty]
    public string? Code { get; set; }

    [BindProperty(SupportsGet = true)]
    public string? ReturnUrl { get; set; }

    public bool HasApp { get; private set; }

    public bool HasPasskey { get; private set; }

    public Task OnGetAsync(CancellationToken cancellationToken) => FindAsync(cancellationToken);

    public async Task<IActionResult> OnPostAsync(CancellationToken cancellationToken)
    {
        var me = await FindAsync(cancellationToken);
        var address = HttpContext.Connection.RemoteIpAddress;
        if (await delays.TryAsync(SignInDelays.Code, me.Id.ToString(), address, cancellationToken) is { } seconds)
        {
            refusals.Add(HttpContext, SignInRefusals.TooManyTries, me.UserName);
            Response.StatusCode = StatusCodes.Status429TooManyRequests;
            return Refuse(texts["Too many tries. Wait {0} seconds.", seconds]);
        }

        if (await secondFactor.UseAsync(me, Code, cancellationToken) is not { } method)
        {
            refusals.Add(HttpContext, SignInRefusals.WrongCode, me.UserName);
            return Refuse("That code is wrong, or was used already. Wait for the next one.");
        }

        await delays.ForgiveAsync(SignInDelays.Code, me.Id.ToString(), address, cancellationToken);
        return await GoOnAsync(me, method, cancellationToken);
    }

    public async Task<IActionResult> OnPostOptionsAsync(CancellationToken cancellationToken) =>
        Content(await passkeys.AskAsync(await FindAsync(cancellationToken)), "application/json");

    public async Task<IActionResult> OnPostPasskeyAsync(string? credential, CancellationToken cancellationToken)
    {
        var me = await FindAsync(cancellationToken);
        if ((await passkeys.ProveAsync(credential, cancellationToken))?.Id == me.Id)
        {
            return await GoOnAsync(me, SignInMethods.Passkey, cancellationToken);
        }

        refusals.Add(HttpContext, SignInRefusals.UnknownPasskey, me.UserName);
        return Refuse("This passkey is not yours, or is not known here.");
    }

    private async Task<IActionResult> GoOnAsync(Administrator me, string method, CancellationToken cancellationToken)
    {
        await sessions.RenewAsync(me, method, cancellationToken);
        return this.GoBack(ReturnUrl);
    }

    private async Task<Administrator> FindAsync(CancellationToken cancellationToken)
    {
        var me = await database.Administrators.Include(a => a.Passkeys).SingleAsync(a => a.Id == HttpContext.Administrator().Id, cancellationToken);
        (HasApp, HasPasskey) = (me.TotpSecretEncrypted is not null, me.Passkeys.Count > 0);
        return me;
    }

    private PageResult Refuse(string message)
    {
        ModelState.Remove(nameof(Code));
        ModelState.AddModelError("", message);
        Code = null;
        return Page();
    }
}
