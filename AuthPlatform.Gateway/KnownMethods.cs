namespace AuthPlatform.Gateway;

/// <summary>
/// 405 for a method that has the letters of a known one but not their case, which counts (RFC 9110 §9.1), and for tunnels. The proxy would pass <c>head</c> on as <c>HEAD</c>, whose answer has a length
/// and no body; the server here knows no <c>head</c>, and would take that answer for broken. <c>CONNECT</c> the proxy cannot pass on at all.
/// </summary>
internal static class KnownMethods
{
    public static void UseKnownMethods(this IApplicationBuilder app) => app.Use((context, next) =>
    {
        var method = context.Request.Method;
        if (HttpMethods.GetCanonicalizedValue(method) == method && !HttpMethods.IsConnect(method))
        {
            return next(context);
        }

        context.Response.StatusCode = StatusCodes.Status405MethodNotAllowed;
        // Nobody behind is asked what is taken at this address: it is some of these.
        context.Response.Headers.Allow = "GET, HEAD, POST";
        return Task.CompletedTask;
    });
}
