using System.Text.RegularExpressions;
using AuthPlatform.IntegrationTests.Infrastructure;

namespace AuthPlatform.IntegrationTests.Admin;

/// <summary>A link in a message, or on a page of another site, leads here like any other.</summary>
public sealed class CrossSiteLinkTests(AuthPlatformFixture platform)
{
    private const string Path = "/admin/account";
    private const string Guard = "__Host-authplatform-antiforgery";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>Browsers keep a cookie for this site alone back then. Whoever comes without what guards forms gets a new one, to which no form fits that is open already.</summary>
    [Fact]
    public async Task Link_FromAnotherSite_LeavesOpenFormsAsGoodAsTheyWere()
    {
        using var browser = await AdminBrowser.OpenAsync(platform, Cancellation);
        var account = await AdminAccount.CreateAsync(platform, Cancellation);
        var cookies = (await browser.GetAsync("/admin/sign-in", Cancellation)).Headers["Set-Cookie"];
        await account.SignInAsync(browser, Cancellation);
        var form = await browser.GetAsync(Path, Cancellation);

        Assert.Contains(Guard + "=", cookies, StringComparison.Ordinal);
        if (Regex.IsMatch(cookies, $"{Guard}=[^,]*samesite=strict", RegexOptions.IgnoreCase))
        {
            browser.Cookies.TryRemove(Guard, out _);
        }

        var visited = await browser.SendAsync(new HttpRequestMessage(HttpMethod.Get, Path) { Headers = { { "Sec-Fetch-Site", "cross-site" } } }, Cancellation);

        Assert.Contains(account.UserName, visited.Text, StringComparison.Ordinal);
        Assert.Equal(Path, (await browser.SubmitAsync(form, Path + "?handler=EndOthers", Cancellation)).Location);
        Assert.Equal("/admin/sign-in", (await browser.SubmitAsync(form, "/admin/sign-out", Cancellation)).Location);
    }
}
