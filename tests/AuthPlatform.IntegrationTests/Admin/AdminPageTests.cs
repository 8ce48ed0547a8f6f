using System.Net;
using System.Text.RegularExpressions;
using AuthPlatform.IntegrationTests.Infrastructure;

namespace AuthPlatform.IntegrationTests.Admin;

/// <summary>What holds of every administrators' page, whoever asks.</summary>
public sealed class AdminPageTests(AuthPlatformFixture platform)
{
    private const string AnyPage = "/admin/sign-in";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("/admin")]
    [InlineData(AnyPage)]
    [InlineData("/admin/icon.svg")]
    public async Task Answer_ToAnybody_CannotBeFramedOrGivenScripts(string path)
    {
        using var browser = await AdminBrowser.OpenAsync(platform, Cancellation);

        var page = await browser.GetAsync(path, Cancellation);

        var policy = page.Headers["Content-Security-Policy"];
        Assert.Contains("default-src 'none'", policy, StringComparison.Ordinal);
        Assert.Contains("frame-ancestors 'none'", policy, StringComparison.Ordinal);
        Assert.DoesNotContain("unsafe", policy, StringComparison.Ordinal);
        Assert.Equal("nosniff", page.Headers["X-Content-Type-Options"]);
        Assert.Equal("DENY", page.Headers["X-Frame-Options"]);
    }

    [Fact]
    public async Task Page_WithFormOrScript_HasNothingInline()
    {
        using var browser = await AdminBrowser.OpenAsync(platform, Cancellation);

        var page = await browser.GetAsync(AnyPage, Cancellation);

        Assert.Equal("no-store", page.Headers["Cache-Control"]);
        Assert.DoesNotMatch("""<script(?![^>]*\ssrc=)|\sstyle=|\son[a-z]+=|javascript:""", page.Html);
    }

    [Fact]
    public async Task Address_ThatIsNone_IsToldToThoseSignedInOnly()
    {
        using var stranger = await AdminBrowser.OpenAsync(platform, Cancellation);
        using var browser = await AdminAccount.SignInAsync(platform, Cancellation);

        Assert.StartsWith("/admin/sign-in", (await stranger.GetAsync("/admin/no-such-page", Cancellation)).Location, StringComparison.Ordinal);
        var page = await browser.GetAsync("/admin/no-such-page", Cancellation);
        Assert.Equal(HttpStatusCode.NotFound, page.Status);
        Assert.Contains("There is no such page", page.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Form_ThatThePageDoesNotTake_IsRefused()
    {
        using var browser = await AdminAccount.SignInAsync(platform, Cancellation);
        var page = await browser.GetAsync("/admin/account", Cancellation);

        Assert.Equal(HttpStatusCode.MethodNotAllowed, (await browser.SubmitAsync(page, "/admin/account", Cancellation)).Status);
        Assert.Equal(HttpStatusCode.MethodNotAllowed, (await browser.SubmitAsync(page, "/admin/account?handler=nothing", Cancellation)).Status);
    }

    [Fact]
    public async Task Styles_MadeByTheBuild_AreServedUnderTheirHash()
    {
        using var browser = await AdminBrowser.OpenAsync(platform, Cancellation);
        var page = await browser.GetAsync(AnyPage, Cancellation);

        var styles = await browser.GetAsync(Regex.Match(page.Html, """href="(/admin/app\.[a-z0-9]+\.css)""").Groups[1].Value, Cancellation);

        Assert.Equal(HttpStatusCode.OK, styles.Status);
        Assert.StartsWith("text/css", styles.Headers["Content-Type"], StringComparison.Ordinal);
        Assert.Contains(".button", styles.Html, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Form_WithoutItsToken_IsRefused()
    {
        using var browser = await AdminBrowser.OpenAsync(platform, Cancellation);
        await browser.GetAsync(AnyPage, Cancellation);

        var answer = await browser.SendAsync(new HttpRequestMessage(HttpMethod.Post, "/admin/preferences") { Content = new FormUrlEncodedContent([]) }, Cancellation);

        Assert.Equal(HttpStatusCode.BadRequest, answer.Status);
        Assert.Contains("too old", answer.Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("cross-site")]
    [InlineData("same-site")]
    public async Task Form_SentByAnotherSite_IsRefusedEvenWithToken(string site)
    {
        using var browser = await AdminBrowser.OpenAsync(platform, Cancellation);
        var page = await browser.GetAsync(AnyPage, Cancellation);
        var request = new HttpRequestMessage(HttpMethod.Post, "/admin/preferences")
        {
            Content = new FormUrlEncodedContent([KeyValuePair.Create("theme", "dark"), KeyValuePair.Create("__RequestVerificationToken", page.Token)]),
        };
        request.Headers.Add("Sec-Fetch-Site", site);

        Assert.Equal(HttpStatusCode.Forbidden, (await browser.SendAsync(request, Cancellation)).Status);
    }

    [Theory]
    [InlineData("/admin/audit?page=2", "/admin/audit?page=2")]
    [InlineData("https://evil.example/", "/admin/")]
    [InlineData("//evil.example/", "/admin/")]
    [InlineData("/\\evil.example/", "/admin/")]
    [InlineData("\t//evil.example/", "/admin/")]
    public async Task ReturnUrl_ThatLeavesThePlatform_IsForgotten(string returnUrl, string expected)
    {
        using var browser = await AdminBrowser.OpenAsync(platform, Cancellation);
        var page = await browser.GetAsync(AnyPage, Cancellation);

        var answer = await browser.SubmitAsync(page, "/admin/preferences", Cancellation, ("returnUrl", returnUrl), ("theme", "dark"), ("language", "ko"));

        Assert.Equal((HttpStatusCode.Found, expected), (answer.Status, answer.Location));
        Assert.Equal("dark", browser.Cookies["__Host-authplatform-theme"]);
    }

    [Fact]
    public async Task Cookie_OfAnyKind_IsBoundToTheHost()
    {
        using var browser = await AdminBrowser.OpenAsync(platform, Cancellation);

        var page = await browser.GetAsync(AnyPage, Cancellation);

        Assert.All(browser.Cookies.Keys, name => Assert.StartsWith("__Host-", name, StringComparison.Ordinal));
        Assert.Contains("secure", page.Headers["Set-Cookie"], StringComparison.OrdinalIgnoreCase);
        Assert.Contains("path=/;", page.Headers["Set-Cookie"], StringComparison.OrdinalIgnoreCase);
    }
}
