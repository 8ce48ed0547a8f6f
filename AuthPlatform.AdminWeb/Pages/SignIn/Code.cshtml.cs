using AuthPlatform.AdminWeb.Security;
using AuthPlatform.AdminWeb.SignIn;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Microsoft.Extensions.Localization;

namespace AuthPlatform.AdminWeb.Pages.SignIn;

/// <summary>The second step of a sign-in with a password.</summary>
[AllowAnonymous]
internal sealed class CodeModel(
    PendingSignIn pending, SecondFactor secondFactor, AdministratorSessions sessions, SignInDelays delays, SignInRefusals refusals, IStringLocalizer<Texts> texts) : PageModel
{
    [BindProperty]
    public string? Code { get; set; }

    [BindProperty(SupportsGet = true)]
    public string? ReturnUrl { get; set; }

    public async Task<IActionResult> OnGetAsync() => await pending.FindAsync() is null ? RedirectToPage("Index", new { ReturnUrl }) : Page();

    public async Task<IActionResult> OnPostAsync(CancellationToken cancellationToken)
    {
        if (await pending.FindAsync() is not { } administrator)
        {
            return RedirectToPage("Index", new { ReturnUrl });
        }

        var address = HttpContext.Connection.RemoteIpAddress;
        if (await delays.TryAsync(SignInDelays.Code, administrator.Id.ToString(), address, cancellationToken) is { } seconds)
        {
            refusals.Add(HttpContext, SignInRefusals.TooManyTries, administrator.UserName);
            Response.StatusCode = StatusCodes.Status429TooManyRequests;
            return Refuse(texts["Too many tries. Wait {0} seconds.", seconds]);
        }

        if (await secondFactor.UseAsync(administrator, Code, cancellationToken) is not { } method)
        {
            refusals.Add(HttpContext, SignInRefusals.WrongCode, administrator.UserName);
            return Refuse("That code is wrong, or was used already. Wait for the next one.");
        }

        await delays.ForgiveAsync(SignInDelays.Code, administrator.Id.ToString(), address, cancellationToken);
        pending.End();
        await sessions.BeginAsync(administrator, method, cancellationToken);
        return this.GoBack(ReturnUrl);
    }

    private PageResult Refuse(string message)
    {
        ModelState.Remove(nameof(Code));
        ModelState.AddModelError("", message);
        Code = null;
        return Page();
    }
}
