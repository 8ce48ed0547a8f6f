using System.Diagnostics;
using AuthPlatform.AdminWeb.Security;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.Filters;
using Microsoft.AspNetCore.Mvc.RazorPages;

namespace AuthPlatform.AdminWeb.Pages;

/// <summary>What went wrong, in words; also for requests that were no page's.</summary>
[AllowAnonymous]
[IgnoreAntiforgeryToken]
internal sealed partial class ErrorModel(ILogger<ErrorModel> logger) : PageModel
{
    [BindProperty(SupportsGet = true)]
    public int Status { get; set; }

    public string Heading => Status switch
    {
        400 => "That form is too old",
        403 => "Not for you",
        404 => "There is no such page",
        409 => "Changed meanwhile",
        429 => "Too many requests",
        503 => "Something is away",
        >= 500 => "Something went wrong",
        _ => "That cannot be done",
    };

    public string Advice => Status switch
    {
        400 => "Go back, load the page again and repeat what you did. Nothing was changed.",
        403 => "Your roles do not include this. Somebody who manages users can give you more.",
        404 => "It may have been deleted, or the address has a mistake.",
        409 => "It is not as your page showed it any more. Nothing was changed: go back, load the page again, then repeat what you did if it is still right.",
        429 => "Wait a moment, then try again.",
        503 when Request.IsLook() => "A store or service does not answer. Nothing was changed; try again in a moment.",
        503 => "A store or service does not answer. Part of what you sent may have been done: look at what there is now before you repeat it.",
        >= 500 => "The reason is in the log of this service under the trace below.",
        _ => "The request was not understood. Nothing was changed.",
    };

    public string? TraceId => Activity.Current?.TraceId.ToString() ?? HttpContext.TraceIdentifier;

    /// <summary>For every method, also those that no handler could be for, and OPTIONS, which would be answered with 200 otherwise.</summary>
    public override void OnPageHandlerExecuting(PageHandlerExecutingContext context)
    {
        if (HttpContext.Features.Get<IExceptionHandlerFeature>()?.Error is { } exception)
        {
            Status = Outage.StatusOf(exception);
            if (Status == StatusCodes.Status503ServiceUnavailable)
            {
                Log.Unavailable(logger, exception.GetBaseException().Message);
                Response.Headers.RetryAfter = "5";
            }
            else if (Status == StatusCodes.Status409Conflict)
            {
                Log.Refused(logger, exception.GetBaseException().Message);
            }
        }
        else if (HttpContext.Features.Get<IStatusCodeReExecuteFeature>() is null)
        {
            // Somebody typed the address.
            Status = StatusCodes.Status404NotFound;
        }

        Response.StatusCode = Status = Status is >= 400 and < 600 ? Status : StatusCodes.Status404NotFound;
        context.Result = Page();
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "A store or service does not answer: {Reason}")]
        public static partial void Unavailable(ILogger logger, string reason);

        [LoggerMessage(2, LogLevel.Warning, "The database did not take a change: {Reason}")]
        public static partial void Refused(ILogger logger, string reason);
    }
}
