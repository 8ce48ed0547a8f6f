using System.Net;
using System.Text.RegularExpressions;
using AuthPlatform.Data.Admin;
using AuthPlatform.IntegrationTests.Infrastructure;

namespace AuthPlatform.IntegrationTests.Admin;

/// <summary>What holds of every administrators' page, whoever asks.</summary>
public sealed class AdminPageTests(AuthPlatformFixture platform)
{
    private const string AnyPage = "/admin/sign-in";

    /// <summary>A script within the page, an attribute of a tag that holds code or styles, an address that is code; what stands in texts and values is none of them.</summary>
    private const string Inline = """<script(?![^>]*\ssrc=)|<[a-z][^\s>]*(?:\s+(?!on|style)[^\s=>"]+(?:="[^"]*")?)*\s+(?:on[a-z]+|style)=|\s(?:href|src|action|formaction)="\s*javascript:""";

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
        // The default does not cover these: a form that somebody got into a page would send elsewhere what is typed, and a base would turn its addresses elsewhere.
        Assert.Contains("form-action 'self'", policy, StringComparison.Ordinal);
        Assert.Contains("base-uri 'none'", policy, StringComparison.Ordinal);
        Assert.DoesNotContain("unsafe", policy, StringComparison.Ordinal);
        Assert.Equal("nosniff", page.Headers["X-Content-Type-Options"]);
        Assert.Equal("DENY", page.Headers["X-Frame-Options"]);
        // The token of a set-up link is in its address.
        Assert.Equal("same-origin", page.Headers["Referrer-Policy"]);
    }

    /// <summary>Also what is no page: refusals, files, and where nothing is.</summary>
    [Fact]
    public async Task Answer_OfAnyPage_CannotBeFramedAndHasNothingInline()
    {
        using var browser = await AdminAccount.SignInAsync(platform, Cancellation, AdministratorRoles.Administrator);
        var application = await platform.CreateApplicationAsync(_ => { }, Cancellation);
        var form = await browser.GetAsync("/admin/account", Cancellation);
        using var forged = new HttpRequestMessage(HttpMethod.Post, "/admin/account") { Headers = { { "Sec-Fetch-Site", "cross-site" } } };

        var answers = new List<AdminPage>
        {
            await browser.SendAsync(forged, Cancellation),
            await browser.SubmitAsync(form, "/admin/account", Cancellation),
            await browser.SubmitAsync(form, "/admin/account?handler=End", Cancellation, ("id", Guid.Empty.ToString())),
            await browser.GetAsync("/admin/users?q=%00", Cancellation),
            await browser.GetAsync("/admin/audit?handler=csv&kind=none", Cancellation),
            await browser.GetAsync("/admin/?handler=Live", Cancellation),
        };
        foreach (var page in AdminPages.All)
        {
            answers.Add(await browser.GetAsync("/admin" + page.Route.Replace("{clientId}", application.ClientId, StringComparison.Ordinal).Replace("{id:guid}", Guid.Empty.ToString(), StringComparison.Ordinal), Cancellation));
        }

        foreach (var answer in answers)
        {
            Assert.True(
                answer.Headers.GetValueOrDefault("Content-Security-Policy")?.Contains("frame-ancestors 'none'", StringComparison.Ordinal) == true
                && answer.Headers["X-Frame-Options"] == "DENY"
                && (answer.Html.Length == 0 || answer.Headers["Cache-Control"] == "no-store"),
                $"{answer.Address} {answer.Status}: {string.Join(", ", answer.Headers)}");
            Assert.DoesNotMatch(Inline, answer.Html);
        }
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
    public async Task Styles_MadeByTheBuild_AreServedUnderTheirHash()
    {
        using var browser = await AdminBrowser.OpenAsync(platform, Cancellation);
        var page = await browser.GetAsync(AnyPage, Cancellation);

        var styles = await browser.GetAsync(Regex.Match(page.Html, """href="(/admin/app\.[a-z0-9]+\.css)""").Groups[1].Value, Cancellation);

        Assert.Equal(HttpStatusCode.OK, styles.Status);
        Assert.StartsWith("text/css", styles.Headers["Content-Type"], StringComparison.Ordinal);
        Assert.Contains(".button", styles.Html, StringComparison.Ordinal);
    }

    /// <summary>While versions run side by side, a page may be of another one than whoever is asked for its files.</summary>
    [Theory]
    [InlineData("css", "text/css")]
    [InlineData("js", "text/javascript")]
    public async Task File_OfAnotherVersion_IsTheOneThatIsHereAndNotKept(string extension, string mediaType)
    {
        using var browser = await AdminBrowser.OpenAsync(platform, Cancellation);

        var other = await browser.GetAsync($"/admin/app.0000000000.{extension}", Cancellation);

        Assert.Equal((HttpStatusCode.OK, mediaType, "no-store"), (other.Status, other.Headers["Content-Type"], other.Headers["Cache-Control"]));
        Assert.Equal((await browser.GetAsync($"/admin/app.{extension}", Cancellation)).Html, other.Html);
    }

    /// <summary>Whoever changes the language leaves the page, so nothing but the button does that; and what is not shown again would be lost.</summary>
    [Fact]
    public async Task Preferences_OnAPageThatIsNotShownAgain_AreNotOffered()
    {
        const string Offer = "action=\"/admin/preferences\"";
        using var browser = await AdminAccount.SignInAsync(platform, Cancellation, AdministratorRoles.ApplicationManager);
        var form = await browser.GetAsync("/admin/new-application", Cancellation);

        var made = await browser.SubmitAsync(form, "/admin/new-application", Cancellation, ("Name", "A shop"));
        var refused = await browser.SubmitAsync(form, "/admin/new-application", Cancellation, ("Name", ""));
        var codes = await browser.FillAsync("/admin/account/recovery-codes", Cancellation);
        var newKey = await browser.GetAsync("/admin/account/authenticator", Cancellation);

        Assert.Contains(Offer, form.Html, StringComparison.Ordinal);
        Assert.DoesNotContain("data-submit", form.Html, StringComparison.Ordinal);
        Assert.Contains("id=\"secret\"", made.Html, StringComparison.Ordinal);
        Assert.Contains("id=\"recovery-codes\"", codes.Html, StringComparison.Ordinal);
        Assert.Contains("name=\"Secret\"", newKey.Html, StringComparison.Ordinal);
        AdminPage[] once = [made, refused, codes, newKey];
        Assert.All(once, page => Assert.DoesNotContain(Offer, page.Html, StringComparison.Ordinal));
    }

    [Fact]
    public async Task HostHeader_OfAnotherPlace_IsInNoLinkOrRedirect()
    {
        using var browser = await AdminAccount.SignInAsync(platform, Cancellation, AdministratorRoles.Administrator);
        using var stranger = await AdminBrowser.OpenAsync(platform, Cancellation);
        var form = await browser.GetAsync("/admin/users/invite", Cancellation);

        var redirected = await stranger.SendAsync(Poisoned(HttpMethod.Get, "/admin/account"), Cancellation);
        var request = Poisoned(HttpMethod.Post, "/admin/users/invite");
        request.Content = new FormUrlEncodedContent([KeyValuePair.Create("UserName", "guest-" + SignedRequests.Nonce()[..12]), KeyValuePair.Create("__RequestVerificationToken", form.Token)]);
        var invited = await browser.SendAsync(request, Cancellation);

        Assert.StartsWith("/admin/sign-in?", redirected.Location, StringComparison.Ordinal);
        Assert.Contains($">{platform.Gateway.BaseAddress}admin/setup?token=", WebUtility.HtmlDecode(invited.Html), StringComparison.Ordinal);
        Assert.DoesNotContain("evil.example", invited.Html, StringComparison.Ordinal);

        static HttpRequestMessage Poisoned(HttpMethod method, string path) => new(method, path)
        {
            Headers = { { "Host", "evil.example" }, { "X-Forwarded-Host", "evil.example" }, { "X-Forwarded-Prefix", "/evil.example" }, { "X-Original-Host", "evil.example" }, { "Forwarded", "host=evil.example" } },
        };
    }

    [Fact]
    public async Task Text_OfManyLines_MakesNoLinesInTheLog()
    {
        using var browser = await AdminAccount.SignInAsync(platform, Cancellation, AdministratorRoles.Administrator);
        using var stranger = await AdminBrowser.OpenAsync(platform, Cancellation);
        var mark = "forged" + SignedRequests.Nonce();
        var text = $"a\r\n{mark} Error: \u001b[2J\u0085\u2028{mark}";

        await stranger.FillAsync("/admin/sign-in", Cancellation, ("UserName", text), ("Password", text));
        await browser.FillAsync("/admin/users/invite", Cancellation, ("UserName", text), ("Roles", text));
        await browser.FillAsync("/admin/new-application", Cancellation, ("Name", text));
        await browser.GetAsync($"/admin/sessions?user={Uri.EscapeDataString(text)}&key={Uri.EscapeDataString(text)}&at={Uri.EscapeDataString(text)}", Cancellation);
        await browser.GetAsync($"/admin/applications/{Uri.EscapeDataString(text)}?{Uri.EscapeDataString(text)}=1", Cancellation);

        await platform.AdminLogArrivedAsync(Cancellation);
        Assert.DoesNotContain(platform.Logs.Lines, line => line.Contains(mark, StringComparison.Ordinal));
    }
}
