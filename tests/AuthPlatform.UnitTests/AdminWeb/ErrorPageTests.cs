using AuthPlatform.AdminWeb.Pages;
using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.Abstractions;
using Microsoft.AspNetCore.Mvc.Filters;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Logging.Abstractions;

namespace AuthPlatform.UnitTests.AdminWeb;

public sealed class ErrorPageTests
{
    /// <summary>A deletion disables first and ends sessions then: whoever stops between the two has changed something.</summary>
    [Theory]
    [InlineData("GET", true)]
    [InlineData("HEAD", true)]
    [InlineData("POST", false)]
    [InlineData("PUT", false)]
    public void Outage_WhileSomethingIsDone_IsNotSaidToHaveChangedNothing(string method, bool isUnchanged)
    {
        var context = new DefaultHttpContext();
        context.Request.Method = method;
        context.Features.Set<IExceptionHandlerFeature>(new ExceptionHandlerFeature { Error = new TimeoutException() });
        var page = new ErrorModel(NullLogger<ErrorModel>.Instance) { PageContext = new PageContext(new ActionContext(context, new RouteData(), new ActionDescriptor())) };

        page.OnPageHandlerExecuting(new PageHandlerExecutingContext(page.PageContext, [], null, new Dictionary<string, object?>(), page));

        Assert.Equal(StatusCodes.Status503ServiceUnavailable, page.Status);
        Assert.Equal(isUnchanged, page.Advice.Contains("Nothing was changed", StringComparison.Ordinal));
    }
}
