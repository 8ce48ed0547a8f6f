using System.Net;
using System.Text.RegularExpressions;
using AuthPlatform.IntegrationTests.Infrastructure;

namespace AuthPlatform.IntegrationTests.Admin;

/// <summary>What holds of every form of the administrators' pages, and of where they lead.</summary>
public sealed class AdminFormTests(AuthPlatformFixture platform)
{
    private const string AnyPage = "/admin/sign-in";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Form_ThatThePageDoesNotTake_IsRefused()
    {
        using var browser = await AdminAccount.SignInAsync(platform, Cancellation);
        var page = await browser.GetAsync("/admin/account", Cancellation);

        var (unnamed, unknown) = (await browser.SubmitAsync(page, "/admin/account", Cancellation), await browser.SubmitAsync(page, "/admin/account?handler=nothing", Cancellation));
        var question = await browser.SendAsync(new HttpRequestMessage(HttpMethod.Options, "/admin/account"), Cancellation);

        // RFC 9110 §15.5.6 wants to be told what is taken.
        Assert.Equal((HttpStatusCode.MethodNotAllowed, "GET, HEAD"), (unnamed.Status, unnamed.Headers["Allow"]));
        Assert.Equal((HttpStatusCode.MethodNotAllowed, "GET, HEAD"), (unknown.Status, unknown.Headers["Allow"]));
        Assert.Equal((HttpStatusCode.MethodNotAllowed, "GET, HEAD, POST"), (question.Status, question.Headers["Allow"]));
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

    /// <summary>Whoever works by keyboard or ear begins where something is wrong, not at the top of the page.</summary>
    [Fact]
    public async Task Form_WithMistakes_HasTheFocusInTheFirst()
    {
        using var browser = await AdminAccount.SignInAsync(platform, Cancellation);

        var page = await browser.FillAsync("/admin/account/password", Cancellation, ("Present", AdminAccount.Password), ("Password", "another sentence"), ("Again", "a third one"));

        Assert.Equal(["Again"], Regex.Matches(page.Html, """<input(?=[^>]* autofocus)[^>]* id="(\w+)""").Select(m => m.Groups[1].Value));
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

    [Fact]
    public async Task Form_WithTheTokenOfSomebodyElse_IsRefused()
    {
        using var attacker = await AdminAccount.SignInAsync(platform, Cancellation);
        using var victim = await AdminAccount.SignInAsync(platform, Cancellation);
        var page = await attacker.GetAsync("/admin/account", Cancellation);
        // As somebody who can set cookies there would do it.
        victim.Cookies["__Host-authplatform-antiforgery"] = attacker.Cookies["__Host-authplatform-antiforgery"];

        Assert.Equal(HttpStatusCode.BadRequest, (await victim.SubmitAsync(page, "/admin/account?handler=EndOthers", Cancellation)).Status);
    }

    [Theory]
    [InlineData("/admin/audit?page=2", "/admin/audit?page=2")]
    [InlineData("", "/admin/")]
    [InlineData("evil", "/admin/")]
    [InlineData("https://evil.example/", "/admin/")]
    [InlineData("https:evil.example", "/admin/")]
    [InlineData("https:/evil.example", "/admin/")]
    [InlineData("HTTP:\\\\evil.example", "/admin/")]
    [InlineData("javascript:alert(1)", "/admin/")]
    [InlineData("data:text/html,x", "/admin/")]
    [InlineData("//evil.example/", "/admin/")]
    [InlineData("///evil.example/", "/admin/")]
    [InlineData("\\\\evil.example/", "/admin/")]
    [InlineData("/\\evil.example/", "/admin/")]
    [InlineData("\\/evil.example/", "/admin/")]
    [InlineData("\t//evil.example/", "/admin/")]
    [InlineData(" //evil.example/", "/admin/")]
    [InlineData("/\t/evil.example/", "/admin/")]
    [InlineData("/\n/evil.example/", "/admin/")]
    [InlineData("/\r\n/evil.example/", "/admin/")]
    [InlineData("/\u0001/evil.example/", "/admin/")]
    [InlineData("~//evil.example/", "/admin/")]
    [InlineData("~/\\evil.example/", "/admin/")]
    [InlineData("~/\t/evil.example/", "/admin/")]
    [InlineData("@evil.example", "/admin/")]
    [InlineData(".evil.example", "/admin/")]
    [InlineData("/admin/\r\nSet-Cookie: a=b", "/admin/")]
    // No header can say that; percent-encoded it can.
    [InlineData("/admin/가", "/admin/")]
    [InlineData("/admin/audit?q=가", "/admin/")]
    [InlineData("/admin/%EA%B0%80?q=%EA%B0%80", "/admin/%EA%B0%80?q=%EA%B0%80")]
    // Paths of this host, however much they look like another.
    [InlineData("/@evil.example", "/@evil.example")]
    [InlineData("/%09/evil.example", "/%09/evil.example")]
    [InlineData("/%2F/evil.example", "/%2F/evil.example")]
    [InlineData("/%5Cevil.example", "/%5Cevil.example")]
    [InlineData("/admin/..//evil.example", "/admin/..//evil.example")]
    [InlineData("/admin/?q=https://evil.example", "/admin/?q=https://evil.example")]
    public async Task ReturnUrl_ThatLeavesThePlatform_IsForgotten(string returnUrl, string expected)
    {
        using var browser = await AdminBrowser.OpenAsync(platform, Cancellation);
        var page = await browser.GetAsync(AnyPage, Cancellation);

        var answer = await browser.SubmitAsync(page, "/admin/preferences", Cancellation, ("returnUrl", returnUrl), ("theme", "dark"), ("language", "ko"));

        Assert.Equal((HttpStatusCode.Found, expected), (answer.Status, answer.Location));
        Assert.Equal(platform.Gateway.BaseAddress!.Authority, new Uri(platform.Gateway.BaseAddress!, answer.Location).Authority);
        Assert.Equal("dark", browser.Cookies["__Host-authplatform-theme"]);
    }
}
