using System.Globalization;
using System.Net;
using System.Text.RegularExpressions;
using AuthPlatform.Data.Admin;
using AuthPlatform.IntegrationTests.Infrastructure;

namespace AuthPlatform.IntegrationTests.Admin;

/// <summary>What was filled in is lost where a proof is owed: nobody finds that out by losing it, or goes on as if it was not.</summary>
public sealed class OwedProofTests(AuthPlatformFixture platform)
{
    private const string Warning = "what you filled in is lost";
    private const string NewApp = "/admin/account/authenticator";
    private const string NewKey = "This is a new key";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("/admin/applications/{0}")]
    [InlineData("/admin/applications/{0}/keys")]
    [InlineData("/admin/applications/{0}/owners")]
    [InlineData("/admin/sessions?app={0}")]
    public async Task Form_ThatWouldBeLost_SaysSoAndLeadsToTheProof(string page)
    {
        var application = await platform.CreateApplicationAsync(_ => { }, Cancellation);
        await platform.IssueAsync(application, SignedRequests.NewUser(), Cancellation);
        var account = await AdminAccount.CreateAsync(platform, Cancellation, AdministratorRoles.Administrator);
        using var browser = await AdminBrowser.OpenAsync(platform, Cancellation);
        await account.SignInAsync(browser, Cancellation);
        var address = string.Format(CultureInfo.InvariantCulture, page, application.ClientId);
        Assert.DoesNotContain(Warning, (await browser.GetAsync(address, Cancellation)).Text, StringComparison.Ordinal);
        await account.AgeProofAsync(platform, Cancellation);

        var warned = await browser.GetAsync(address, Cancellation);
        var link = WebUtility.HtmlDecode(Regex.Match(warned.Html, "href=\"(/admin/account/confirm[^\"]*)\"").Groups[1].Value);

        Assert.Contains(Warning, warned.Text, StringComparison.Ordinal);
        Assert.Equal("/admin/account/confirm?returnUrl=" + Uri.EscapeDataString(address), link);
        var confirm = await browser.GetAsync(link, Cancellation);
        Assert.Equal(address, (await browser.SubmitAsync(confirm, confirm.TargetOf("Code"), Cancellation, ("Code", account.NextCode()), ("ReturnUrl", address))).Location);
        Assert.DoesNotContain(Warning, (await browser.GetAsync(address, Cancellation)).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Page_OfWhoeverOnlyLooks_OwesNoProof()
    {
        var application = await platform.CreateApplicationAsync(_ => { }, Cancellation);
        var account = await AdminAccount.CreateAsync(platform, Cancellation, AdministratorRoles.Auditor);
        using var browser = await AdminBrowser.OpenAsync(platform, Cancellation);
        await account.SignInAsync(browser, Cancellation);
        await account.AgeProofAsync(platform, Cancellation);

        foreach (var part in new[] { "", "/keys", "/owners" })
        {
            var page = await browser.GetAsync($"/admin/applications/{application.ClientId}{part}", Cancellation);
            Assert.Equal((part, HttpStatusCode.OK), (part, page.Status));
            Assert.DoesNotContain(Warning, page.Text, StringComparison.Ordinal);
        }
    }

    /// <summary>Whoever does not notice enters codes of the key before, which are wrong for ever.</summary>
    [Fact]
    public async Task NewApp_AfterAFormThatCameTooLate_SaysThatItsKeyIsAnother()
    {
        using var browser = await AdminAccount.SignInAsync(platform, Cancellation);
        var form = await browser.GetAsync(NewApp, Cancellation);

        var late = await browser.SubmitAsync(form, NewApp, Cancellation, ("Secret", "of half an hour ago"), ("Code", "123456"));

        Assert.DoesNotContain(NewKey, form.Text, StringComparison.Ordinal);
        Assert.Contains(NewKey, (await browser.GetAsync(late.Location!, Cancellation)).Text, StringComparison.Ordinal);
        Assert.DoesNotContain(NewKey, (await browser.GetAsync(NewApp, Cancellation)).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task NewApp_AfterTheProofThatItsFormOwed_SaysThatItsKeyIsAnother()
    {
        var account = await AdminAccount.CreateAsync(platform, Cancellation);
        using var browser = await AdminBrowser.OpenAsync(platform, Cancellation);
        await account.SignInAsync(browser, Cancellation);
        var form = await browser.GetAsync(NewApp, Cancellation);
        await account.AgeProofAsync(platform, Cancellation);

        var asked = await browser.SubmitAsync(form, NewApp, Cancellation, AdminAccount.NewApp(form));
        var confirm = await browser.GetAsync(asked.Location!, Cancellation);
        var confirmed = await browser.SubmitAsync(confirm, confirm.TargetOf("Code"), Cancellation, ("Code", account.NextCode()), ("ReturnUrl", NewApp));

        Assert.Contains("fill it in again afterwards", confirm.Text, StringComparison.Ordinal);
        Assert.DoesNotContain(NewKey, confirm.Text, StringComparison.Ordinal);
        Assert.Equal(NewApp, confirmed.Location);
        Assert.Contains(NewKey, (await browser.GetAsync(NewApp, Cancellation)).Text, StringComparison.Ordinal);
    }
}
