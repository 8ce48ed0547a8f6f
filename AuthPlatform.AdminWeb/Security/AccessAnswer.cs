using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Authorization.Policy;

namespace AuthPlatform.AdminWeb.Security;

/// <summary>Sends people to where they get what they lack, and back; only a missing role is an error.</summary>
internal sealed class AccessAnswer : IAuthorizationMiddlewareResultHandler
{
    public Task HandleAsync(RequestDelegate next, HttpContext context, AuthorizationPolicy policy, PolicyAuthorizationResult authorizeResult)
    {
        if (authorizeResult.Succeeded)
        {
            return next(context);
        }

        var reasons = authorizeResult.AuthorizationFailure?.FailureReasons.Select(r => r.Message).ToHashSet() ?? [];
        if (reasons.Contains(nameof(Missing.Role)))
        {
            context.Response.StatusCode = StatusCodes.Status403Forbidden;
            return Task.CompletedTask;
        }

        var page = reasons switch
        {
            _ when reasons.Contains(nameof(Missing.SecondFactor)) => "/account/authenticator",
            _ when reasons.Contains(nameof(Missing.Approval)) => "/account/waiting",
            _ when reasons.Contains(nameof(Missing.RecentProof)) => "/account/confirm",
            _ => "/sign-in",
        };

        // What was sent is lost with the redirect; a form has to be filled in again, so its page is where to come back to, with the search that it may stand below. A handler
        // is no page: its name would stay in the address, and the next form would be sent to it.
        var query = QueryString.Create(context.Request.Query.Where(field => !field.Key.Equals("handler", StringComparison.OrdinalIgnoreCase)));
        var here = context.Request.PathBase + context.Request.Path + query;
        var isLost = page == "/sign-in" && !context.Request.IsLook();
        context.Response.Redirect($"{context.Request.PathBase}{page}?returnUrl={Uri.EscapeDataString(here)}{(isLost ? "&lost=true" : "")}");
        return Task.CompletedTask;
    }
}
