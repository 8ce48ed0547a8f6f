using System.Net;
using AuthPlatform.IntegrationTests.Infrastructure;

namespace AuthPlatform.IntegrationTests.Admin;

/// <summary>What the forms of a sign-in do and say when somebody comes to them late, or again.</summary>
public sealed class SignInFormTests(AuthPlatformFixture platform)
{
    private const string Code = "/admin/sign-in/code";
    private const string Confirm = "/admin/account/confirm";
    private const string TooLate = "more than five minutes ago";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("", "/admin/")]
    [InlineData("?returnUrl=%2Fadmin%2Faccount", "/admin/account")]
    [InlineData("?returnUrl=https%3A%2F%2Fevil.example", "/admin/")]
    public async Task SignIn_OpenedByWhoeverIsSignedIn_LeadsOn(string query, string expected)
    {
        using var browser = await AdminAccount.SignInAsync(platform, Cancellation);

        Assert.Equal(expected, (await browser.GetAsync("/admin/sign-in" + query, Cancellation)).Location);
    }

    /// <summary>Two tabs had the form, and the person has signed in in the other one: this one is as good as signed in, too.</summary>
    [Theory]
    [InlineData("/admin/sign-in")]
    [InlineData("/admin/sign-in?handler=Passkey")]
    [InlineData(Code)]
    public async Task Form_OfAnotherTabThanSignedIn_LeadsOn(string address)
    {
        const string Session = "__Host-authplatform-session";
        var account = await AdminAccount.CreateAsync(platform, Cancellation);
        using var browser = await AdminBrowser.OpenAsync(platform, Cancellation);
        var form = await browser.GetAsync("/admin/sign-in", Cancellation);
        await account.SignInAsync(browser, Cancellation);
        var session = browser.Cookies[Session];

        var late = await browser.SubmitAsync(form, address, Cancellation, ("UserName", account.UserName), ("Password", AdminAccount.Password), ("ReturnUrl", "/admin/account"));

        Assert.Equal("/admin/sign-in?returnUrl=%2Fadmin%2Faccount", late.Location);
        Assert.Equal("/admin/account", (await browser.GetAsync(late.Location!, Cancellation)).Location);
        Assert.Equal(session, browser.Cookies[Session]);
    }

    /// <summary>Said again after a wrong password, it would be about a form that nobody has sent.</summary>
    [Fact]
    public async Task Loss_OfAForm_IsToldBeforeTheSignInOnly()
    {
        const string Address = "/admin/sign-in?lost=true";
        const string Lost = "nothing was done with the form";
        using var browser = await AdminBrowser.OpenAsync(platform, Cancellation);
        var form = await browser.GetAsync(Address, Cancellation);

        var refused = await browser.SubmitAsync(form, Address, Cancellation, ("UserName", "nobody-" + SignedRequests.Nonce()), ("Password", "a wrong guess"));

        Assert.Contains(Lost, form.Text, StringComparison.Ordinal);
        Assert.Contains("the password is wrong", refused.Text, StringComparison.Ordinal);
        Assert.DoesNotContain(Lost, refused.Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Code_LongAfterThePassword_LeadsBackAndSaysWhy(bool isSent)
    {
        var account = await AdminAccount.CreateAsync(platform, Cancellation);
        using var browser = await AdminBrowser.OpenAsync(platform, Cancellation);
        await account.EnterPasswordAsync(browser, AdminAccount.Password, Cancellation);
        var form = await browser.GetAsync(Code, Cancellation);
        // After five minutes it is as if it was not there.
        browser.Cookies.TryRemove("__Host-authplatform-pending", out _);

        var late = isSent
            ? await browser.SubmitAsync(form, Code, Cancellation, ("Code", account.NextCode()), ("ReturnUrl", "/admin/account"))
            : await browser.GetAsync(Code + "?ReturnUrl=%2Fadmin%2Faccount", Cancellation);

        Assert.Equal("/admin/sign-in?ReturnUrl=%2Fadmin%2Faccount", late.Location);
        Assert.Contains(TooLate, (await browser.GetAsync(late.Location!, Cancellation)).Text, StringComparison.Ordinal);
        Assert.DoesNotContain(TooLate, (await browser.GetAsync(late.Location!, Cancellation)).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Code_OpenedByWhoeverIsSignedIn_LeadsOnWithoutAWord()
    {
        using var browser = await AdminAccount.SignInAsync(platform, Cancellation);

        var page = await browser.BrowseAsync(Code + "?returnUrl=%2Fadmin%2Faccount", Cancellation);

        Assert.EndsWith("/admin/account", page.Address, StringComparison.Ordinal);
        Assert.DoesNotContain(TooLate, page.Text, StringComparison.Ordinal);
    }

    /// <summary>Loaded anew by its address, as the script of passkeys does where a proof is owed, it still leads back.</summary>
    [Theory]
    [InlineData("/admin/sign-in", "Password")]
    [InlineData("/admin/sign-in", "credential")]
    [InlineData(Confirm, "Code")]
    [InlineData(Confirm, "credential")]
    public async Task ReturnUrl_OfAFormThatWasRefused_IsInTheAddressOfTheAnswer(string address, string field)
    {
        var account = await AdminAccount.CreateAsync(platform, Cancellation);
        using var passkey = await SoftwarePasskey.CreateAsync(platform, account, Cancellation);
        using var browser = await AdminBrowser.OpenAsync(platform, Cancellation, IPAddress.Parse("127.0.3.31"));
        if (address == Confirm)
        {
            await account.SignInAsync(browser, Cancellation);
        }

        var form = await browser.GetAsync(address + "?returnUrl=%2Fadmin%2Faudit", Cancellation);
        var refused = await browser.SubmitAsync(form, form.TargetOf(field), Cancellation, ("UserName", account.UserName), (field, "a wrong guess"), ("ReturnUrl", "/admin/audit"));
        Assert.Equal((HttpStatusCode.OK, null), (refused.Status, refused.Location));

        var again = await browser.GetAsync(refused.Address, Cancellation);

        Assert.Matches("<input(?=[^>]* name=\"ReturnUrl\")[^>]* value=\"/admin/audit\"", again.Html);
    }

    [Fact]
    public async Task ReturnUrl_ThatIsMarkup_IsTextInTheForm()
    {
        const string Markup = "\"'></script><xss-echo onxss=1>";
        using var browser = await AdminBrowser.OpenAsync(platform, Cancellation);

        var page = await browser.GetAsync("/admin/sign-in?returnUrl=" + Uri.EscapeDataString(Markup), Cancellation);

        Assert.DoesNotContain("<xss", page.Html, StringComparison.Ordinal);
        Assert.Contains(Markup, WebUtility.HtmlDecode(page.Html), StringComparison.Ordinal);
    }
}
