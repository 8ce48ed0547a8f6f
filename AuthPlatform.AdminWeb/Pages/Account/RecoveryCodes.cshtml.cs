using AuthPlatform.AdminWeb.Security;
using AuthPlatform.AdminWeb.SignIn;
using AuthPlatform.Data.Auth;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Microsoft.EntityFrameworkCore;

namespace AuthPlatform.AdminWeb.Pages.Account;

/// <summary>Replaces a person's recovery codes and shows the new ones once.</summary>
[Access(Recent = true)]
internal sealed class RecoveryCodesModel(AuthDbContext database, SecondFactor secondFactor) : PageModel
{
    public string[]? Codes { get; private set; }

    public async Task OnPostAsync(CancellationToken cancellationToken)
    {
        var me = await database.Administrators.SingleAsync(a => a.Id == HttpContext.Administrator().Id, cancellationToken);
        Codes = await secondFactor.RenewRecoveryCodesAsync(me);
    }
}
