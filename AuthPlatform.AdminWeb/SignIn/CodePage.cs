using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;

namespace AuthPlatform.AdminWeb.SignIn;

/// <summary>A page that asks for a code, of the authenticator app or for recovery, and then leads back.</summary>
internal abstract class CodePage : PageModel
{
    [BindProperty]
    public string? Code { get; set; }

    [BindProperty(SupportsGet = true)]
    public string? ReturnUrl { get; set; }

    /// <summary>Asks once more, with an empty field: no code is good twice.</summary>
    protected PageResult Refuse(string message)
    {
        ModelState.Remove(nameof(Code));
        ModelState.AddModelError("", message);
        Code = null;
        return Page();
    }
}
