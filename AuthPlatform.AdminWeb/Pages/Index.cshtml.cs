using AuthPlatform.AdminWeb.Security;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;

namespace AuthPlatform.AdminWeb.Pages;

/// <summary>Where people arrive: at the applications.</summary>
[Access]
internal sealed class IndexModel : PageModel
{
    public IActionResult OnGet() => RedirectToPage("/Applications/Index");
}
