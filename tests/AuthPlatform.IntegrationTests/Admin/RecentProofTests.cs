using System.Globalization;
using System.Net;
using AuthPlatform.Data.Admin;
using AuthPlatform.IntegrationTests.Infrastructure;
using Microsoft.EntityFrameworkCore;

namespace AuthPlatform.IntegrationTests.Admin;

/// <summary>A browser that somebody left open, or a cookie that was stolen, is not enough for what cannot be undone or gives rights.</summary>
public sealed class RecentProofTests(AuthPlatformFixture platform)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("/admin/sessions", "End")]
    [InlineData("/admin/applications/{0}", "")]
    [InlineData("/admin/applications/{0}", "Disable")]
    [InlineData("/admin/applications/{0}", "Enable")]
    [InlineData("/admin/applications/{0}/keys", "")]
    [InlineData("/admin/applications/{0}/owners", "Add")]
    [InlineData("/admin/applications/{0}/owners", "Remove")]
    public async Task Act_LongAfterTheLastProof_AsksForANewOneWhereLookingDoesNot(string page, string handler)
    {
        var application = await platform.CreateApplicationAsync(_ => { }, Cancellation);
        var account = await AdminAccount.CreateAsync(platform, Cancellation, AdministratorRoles.Administrator);
        using var browser = await AdminBrowser.OpenAsync(platform, Cancellation);
        await account.SignInAsync(browser, Cancellation);
        await using var database = await platform.OpenAuthDatabaseAsync(Cancellation);
        await account.AgeProofAsync(platform, Cancellation);
        var address = string.Format(CultureInfo.InvariantCulture, page, application.ClientId);

        Assert.Equal(HttpStatusCode.OK, (await browser.GetAsync(address, Cancellation)).Status);
        var form = await browser.GetAsync("/admin/account", Cancellation);
        var asked = await browser.SubmitAsync(form, $"{address}?handler={handler}", Cancellation, ("UserName", account.UserName), ("id", account.Id.ToString()));

        Assert.Equal("/admin/account/confirm?returnUrl=" + Uri.EscapeDataString(address), asked.Location);
        Assert.True(await database.Applications.Where(a => a.ClientId == application.ClientId).Select(a => a.Enabled).SingleAsync(Cancellation));
    }

    /// <summary>These are for nothing but what matters. The proof is asked for before anything is looked up, so that there need be no such application or key.</summary>
    [Theory]
    [InlineData("/admin/account/passkeys")]
    [InlineData("/admin/account/password")]
    [InlineData("/admin/users/invite")]
    [InlineData("/admin/users/{0}")]
    [InlineData("/admin/new-application")]
    [InlineData("/admin/applications/any/secrets")]
    [InlineData("/admin/applications/any/keys/rotate")]
    [InlineData("/admin/applications/any/keys/any/revoke")]
    [InlineData("/admin/applications/any/delete")]
    public async Task Page_LongAfterTheLastProof_AsksForANewOne(string page)
    {
        var account = await AdminAccount.CreateAsync(platform, Cancellation, AdministratorRoles.Administrator);
        using var browser = await AdminBrowser.OpenAsync(platform, Cancellation);
        await account.SignInAsync(browser, Cancellation);
        await account.AgeProofAsync(platform, Cancellation);
        var address = string.Format(CultureInfo.InvariantCulture, page, account.Id);

        var looked = await browser.GetAsync(address, Cancellation);
        var acted = await browser.SubmitAsync(await browser.GetAsync("/admin/account", Cancellation), address, Cancellation);

        var confirm = "/admin/account/confirm?returnUrl=" + Uri.EscapeDataString(address);
        Assert.Equal(confirm, looked.Location);
        Assert.Equal(confirm, acted.Location);
    }

    /// <summary>A clock that was hours ahead is set back: the proof would be recent for hours.</summary>
    [Fact]
    public async Task Page_AfterAProofThatIsToCome_AsksForANewOne()
    {
        using var browser = await AdminBrowser.OpenAsync(platform, Cancellation);
        var account = await AdminAccount.CreateAsync(platform, Cancellation);
        await account.SignInAsync(browser, Cancellation);
        await using var database = await platform.OpenAuthDatabaseAsync(Cancellation);
        await database.Database.ExecuteSqlAsync($"UPDATE administrator_sessions SET verified_at = verified_at + interval '9 hours' WHERE administrator_id = {account.Id}", Cancellation);

        Assert.Equal("/admin/account/confirm?returnUrl=%2Fadmin%2Faccount%2Fpassword", (await browser.GetAsync("/admin/account/password", Cancellation)).Location);
    }

    [Fact]
    public async Task SecretPage_LongAfterTheSignIn_AsksForANewProof()
    {
        using var browser = await AdminBrowser.OpenAsync(platform, Cancellation);
        var account = await AdminAccount.CreateAsync(platform, Cancellation);
        await account.SignInAsync(browser, Cancellation);
        await using var database = await platform.OpenAuthDatabaseAsync(Cancellation);
        await account.AgeProofAsync(platform, Cancellation);
        var before = browser.Cookies["__Host-authplatform-session"];
        var signedInAt = database.AdministratorSessions.Where(s => s.AdministratorId == account.Id).Select(s => s.CreatedAt);
        var since = await signedInAt.SingleAsync(Cancellation);

        var page = await browser.GetAsync("/admin/account/recovery-codes", Cancellation);
        Assert.Equal("/admin/account/confirm?returnUrl=%2Fadmin%2Faccount%2Frecovery-codes", page.Location);

        var confirmed = await browser.FillAsync(page.Location!, Cancellation, ("Code", account.NextCode()), ("ReturnUrl", "/admin/account/recovery-codes"));
        Assert.Equal("/admin/account/recovery-codes", confirmed.Location);
        Assert.NotEqual(before, browser.Cookies["__Host-authplatform-session"]);
        // It lives no longer for it.
        Assert.Equal(since, await signedInAt.SingleAsync(Cancellation));
        Assert.Equal(HttpStatusCode.OK, (await browser.GetAsync("/admin/account/recovery-codes", Cancellation)).Status);
    }
}
