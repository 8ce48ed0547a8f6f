using System.Security.Cryptography;
using AuthPlatform.AdminWeb.Security;
using Microsoft.AspNetCore.DataProtection;

namespace AuthPlatform.AdminWeb.SignIn;

/// <summary>Remembers something in the browser for five minutes, between two steps of a sign-in. Nobody can read or change it there.</summary>
internal sealed class ProtectedCookie(IDataProtectionProvider protection, IHttpContextAccessor accessor, TimeProvider clock)
{
    private static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(5);

    public void Write(string name, string value)
    {
        var cookie = new HostCookie(name) { SameSite = SameSiteMode.Strict };
        accessor.HttpContext!.Response.Cookies.Append(cookie.Name!, Protector(name).Protect(value, clock.GetUtcNow() + Lifetime), cookie.Build(accessor.HttpContext));
    }

    public string? Read(string name)
    {
        if (accessor.HttpContext!.Request.Cookies[new HostCookie(name).Name!] is not { } value)
        {
            return null;
        }

        try
        {
            return Protector(name).Unprotect(value, out _);
        }
        catch (CryptographicException)
        {
            return null;
        }
    }

    public void Delete(string name)
    {
        var cookie = new HostCookie(name);
        accessor.HttpContext!.Response.Cookies.Delete(cookie.Name!, cookie.Build(accessor.HttpContext));
    }

    private ITimeLimitedDataProtector Protector(string name) => protection.CreateProtector($"AuthPlatform.AdminWeb.{name}").ToTimeLimitedDataProtector();
}
