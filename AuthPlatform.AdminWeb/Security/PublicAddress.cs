using Microsoft.Extensions.Options;

namespace AuthPlatform.AdminWeb.Security;

/// <summary>Gives every request the configured public address, whatever its Host header says: links, cookies and passkeys cannot be turned elsewhere by a header.</summary>
internal sealed class PublicAddress(RequestDelegate next, IOptions<AdminOptions> options)
{
    /// <summary>Where the gateway serves these pages.</summary>
    public const string PathBase = "/admin";

    private readonly Uri _url = new(options.Value.PublicUrl);

    public Task InvokeAsync(HttpContext context)
    {
        context.Request.Scheme = _url.Scheme;
        context.Request.Host = new HostString(_url.Authority);
        return next(context);
    }
}
