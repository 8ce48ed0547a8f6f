namespace AuthPlatform.AdminWeb.Security;

/// <summary>
/// A cookie that only this host can set and that never leaves an encrypted connection (<c>__Host-</c>: Secure, Path=/, no Domain). It is Secure on
/// http://localhost too: browsers count that as a secure place, and there is no weaker mode to be left on by mistake.
/// </summary>
internal sealed class HostCookie : CookieBuilder
{
    public HostCookie(string name)
    {
        Name = $"__Host-authplatform-{name}";
        Path = "/";
        HttpOnly = true;
        SameSite = SameSiteMode.Lax;
        IsEssential = true;
    }

    public override CookieOptions Build(HttpContext context, DateTimeOffset expiresFrom)
    {
        var cookie = base.Build(context, expiresFrom);
        cookie.Secure = true;
        cookie.Path = "/";
        cookie.Domain = null;
        return cookie;
    }
}
