using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.Filters;

namespace AuthPlatform.AdminWeb.Security;

/// <summary>
/// 405 for a form that no handler of the page takes. Razor Pages would show the page without having filled it, which fails. The page of errors is shown for every
/// method: it needs no handler.
/// </summary>
internal sealed class HandlerRequired : IPageFilter
{
    public void OnPageHandlerSelected(PageHandlerSelectedContext context)
    {
    }

    public void OnPageHandlerExecuting(PageHandlerExecutingContext context)
    {
        var http = context.HttpContext;
        if (context.HandlerMethod is null
            && !http.Request.IsLook()
            && http.Features.Get<IStatusCodeReExecuteFeature>() is null
            && http.Features.Get<IExceptionHandlerFeature>() is null)
        {
            // A form that came here is none that is taken under its name; whoever comes by another method hears whether there are forms.
            var takesForms = !HttpMethods.IsPost(http.Request.Method) && context.ActionDescriptor.HandlerMethods.Any(handler => HttpMethods.IsPost(handler.HttpMethod));
            http.Response.Headers.Allow = takesForms ? "GET, HEAD, POST" : "GET, HEAD";
            context.Result = new StatusCodeResult(StatusCodes.Status405MethodNotAllowed);
        }
    }

    public void OnPageHandlerExecuted(PageHandlerExecutedContext context)
    {
    }
}
