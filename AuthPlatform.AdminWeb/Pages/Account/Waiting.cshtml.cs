using AuthPlatform.AdminWeb.Security;
using Microsoft.AspNetCore.Mvc.RazorPages;

namespace AuthPlatform.AdminWeb.Pages.Account;

/// <summary>What somebody sees who has set up their sign-in and was not let in yet.</summary>
[Access(Incomplete = true)]
internal sealed class WaitingModel : PageModel;
