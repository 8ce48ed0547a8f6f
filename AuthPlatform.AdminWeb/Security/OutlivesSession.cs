using AuthPlatform.AdminWeb.SignIn;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.Core.Infrastructure;
using Microsoft.AspNetCore.Mvc.Filters;

namespace AuthPlatform.AdminWeb.Security;

/// <summary>
/// For forms that stand on every page and are open to anybody. Their token names whoever the page was made for, so that it fits nobody once that session is over: then they lead to
/// the sign-in, as all others do, and are not called too old.
/// </summary>
[AttributeUsage(AttributeTargets.Class)]
internal sealed class OutlivesSessionAttribute : StaleFormAttribute
{
    protected override bool IsSignedIn => false;
}

/// <summary>
/// For the forms of a sign-in. Their token names nobody, so that it fits nobody once another tab of the browser has signed in: then they lead to the sign-in, too, which leads whoever
/// is signed in to where they wanted to go.
/// </summary>
[AttributeUsage(AttributeTargets.Class)]
internal sealed class PrecedesSessionAttribute : StaleFormAttribute
{
    protected override bool IsSignedIn => true;
}

/// <summary>Does nothing with a form whose token was for another state of the session, and leads on. One without a token is none of ours.</summary>
[AttributeUsage(AttributeTargets.Class)]
internal abstract class StaleFormAttribute : Attribute, IAlwaysRunResultFilter
{
    /// <summary>Whether somebody is signed in now whom the form does not know, or nobody any more.</summary>
    protected abstract bool IsSignedIn { get; }

    public void OnResultExecuting(ResultExecutingContext context)
    {
        var request = context.HttpContext.Request;
        if (context.Result is IAntiforgeryValidationFailedResult
            && IsSignedIn == (context.HttpContext.Features.Get<CurrentAdministrator>() is not null)
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
