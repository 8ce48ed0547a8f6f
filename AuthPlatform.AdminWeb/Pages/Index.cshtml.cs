using AuthPlatform.AdminWeb.Security;
using Microsoft.AspNetCore.Mvc.RazorPages;

namespace AuthPlatform.AdminWeb.Pages;

/// <summary>The start page.</summary>
[Access]
internal sealed class IndexModel : PageModel;
