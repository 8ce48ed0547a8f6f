using AuthPlatform.AdminWeb.Security;
using AuthPlatform.AdminWeb.SignIn;
using AuthPlatform.Data.Admin;
using AuthPlatform.Data.Auth;
using Microsoft.AspNetCore.Mvc;
using Microsoft.EntityFrameworkCore;

namespace AuthPlatform.AdminWeb.Pages.Account;

/// <summary>A new proof of who is there, before something that cannot be undone. The session goes on under a new id.</summary>
[Access]
internal sealed class ConfirmModel(AuthDbContext database, SecondFactor secondFactor, Passkeys passkeys, AdministratorSessions sessions, GuardedTry guarded) : CodePage
{
    public bool HasApp { get; private set; }

    public bool HasPasskey { get; private set; }

    public Task OnGetAsync(CancellationToken cancellationToken) => FindAsync(cancellationToken);

    public async Task<IActionResult> OnPostAsync(CancellationToken cancellationToken)
    {
        var me = await FindAsync(cancellationToken);
        var (method, tooSoon) = await guarded.RunAsync(
            SignInDelays.Code, me.Id.ToString(), me.UserName, SignInRefusals.WrongCode, () => secondFactor.UseAsync(me, Code, cancellationToken), cancellationToken);
        return method is null ? Refuse(tooSoon ?? "That code is wrong, or was used already. Wait for the next one.") : await GoOnAsync(me, method, cancellationToken);
    }

    public async Task<IActionResult> OnPostOptionsAsync(CancellationToken cancellationToken) =>
        Content(await passkeys.AskAsync(await FindAsync(cancellationToken)), "application/json");

    public async Task<IActionResult> OnPostPasskeyAsync(string? credential, CancellationToken cancellationToken)
    {
        var me = await FindAsync(cancellationToken);
        var (mine, tooSoon) = await guarded.RunAsync(
            SignInDelays.OwnPasskey,
            me.Id.ToString(),
            me.UserName,
            SignInRefusals.UnknownPasskey,
            async () => (await passkeys.ProveAsync(credential, cancellationToken))?.Id == me.Id ? me : null,
            cancellationToken);
        return mine is null ? Refuse(tooSoon ?? "This passkey is not yours, or is not known here.") : await GoOnAsync(mine, SignInMethods.Passkey, cancellationToken);
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
}
