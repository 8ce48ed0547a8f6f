using System.Text;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;

namespace AuthPlatform.AdminWeb.Security;

/// <summary>Back to where somebody came from, as an address says that may have been written by anybody.</summary>
internal static class WayBack
{
    /// <summary>Never off these pages: whatever is no path here leads to the start page. So does what no header can say: our own addresses are percent-encoded.</summary>
    public static LocalRedirectResult GoBack(this PageModel page, string? returnUrl) =>
        page.LocalRedirect(page.Url.IsLocalUrl(returnUrl) && Ascii.IsValid(returnUrl) ? returnUrl : "~/");
}
