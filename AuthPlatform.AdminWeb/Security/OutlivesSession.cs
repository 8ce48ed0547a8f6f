using AuthPlatform.AdminWeb.SignIn;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.Core.Infrastructure;
using Microsoft.AspNetCore.Mvc.Filters;

namespace AuthPlatform.AdminWeb.Security;

/// <summary>
/// For forms that stand on every page and are open to anybody. Their token names whoever the page was made for, so that it fits nobody once that session is over: then they lead to
/// the sign-in, as all others do, and are not called too old. One without a token is none of ours.
/// </summary>
[AttributeUsage(AttributeTargets.Class)]
internal sealed class OutlivesSessionAttribute : Attribute, IAlwaysRunResultFilter
{
    public void OnResultExecuting(ResultExecutingContext context)
    {
        var request = context.HttpContext.Request;
        if (context.Result is IAntiforgeryValidationFailedResult
            && context.HttpContext.Features.Get<CurrentAdministrator>() is null
            && request.HasFormContentType
            && request.Form.ContainsKey("__RequestVerificationToken"))
        {
            context.Result = new RedirectToPageResult("/SignIn/Index", new { returnUrl = (string?)request.Form["returnUrl"] });
        }
    }

    public void OnResultExecuted(ResultExecutedContext context)
    {
    }
}
