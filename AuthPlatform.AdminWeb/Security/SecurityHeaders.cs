using AuthPlatform.ServiceDefaults;

namespace AuthPlatform.AdminWeb.Security;

/// <summary>What browsers may do with these pages: show them by themselves, with our own styles and scripts, and keep nothing.</summary>
internal sealed class SecurityHeaders(RequestDelegate next)
{
    private const string ContentSecurityPolicy =
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

    private const string PermissionsPolicy =
        "camera=(), microphone=(), geolocation=(), payment=(), usb=(), publickey-credentials-create=(self), publickey-credentials-get=(self)";

    public Task InvokeAsync(HttpContext context)
    {
        context.Response.OnStarting(Write, context.Response);
        if (IsForgedBySite(context.Request))
        {
            context.Response.StatusCode = StatusCodes.Status403Forbidden;
            return Task.CompletedTask;
        }

        return next(context);
    }

    /// <summary>
    /// Antiforgery tokens guard every form; browsers also say themselves when another site sends a request, and that needs no token to be wrong. Those that say
    /// nothing are left to the tokens.
    /// </summary>
    private static bool IsForgedBySite(HttpRequest request) =>
        !request.IsLook() && request.Headers["Sec-Fetch-Site"].ToString() is "cross-site" or "same-site";

    private static Task Write(object state)
    {
        var response = (HttpResponse)state;
        var headers = response.Headers;
        headers.ContentSecurityPolicy = ContentSecurityPolicy;
        headers.XContentTypeOptions = "nosniff";
        headers.XFrameOptions = "DENY";
        headers["Referrer-Policy"] = "same-origin";
        headers["Permissions-Policy"] = PermissionsPolicy;
        headers["Cross-Origin-Opener-Policy"] = "same-origin";
        headers["Cross-Origin-Resource-Policy"] = "same-origin";
        StrictTransport.SetOn(response);

        // Pages are for one person at one moment; only files with a hash in their name may stay.
        if (response.ContentType?.StartsWith("text/html", StringComparison.Ordinal) == true)
        {
            headers.CacheControl = "no-store";
        }

        return Task.CompletedTask;
    }
}
