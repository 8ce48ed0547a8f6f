using System.Reflection;
using AuthPlatform.AdminWeb.Security;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Mvc.RazorPages;

namespace AuthPlatform.UnitTests.AdminWeb;

public sealed class AccessTests
{
    [Fact]
    public void Page_OfAnyKind_SaysWhoMayOpenIt()
    {
        var pages = typeof(AccessAttribute).Assembly.GetTypes().Where(type => type.IsSubclassOf(typeof(PageModel)) && !type.IsAbstract).ToList();

        Assert.NotEmpty(pages);
        Assert.All(pages, page => Assert.True(
            page.GetCustomAttribute<AccessAttribute>() is not null || page.GetCustomAttribute<AllowAnonymousAttribute>() is not null, page.FullName));
    }
}
