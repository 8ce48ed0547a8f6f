using AuthPlatform.IntegrationTests.Infrastructure;
using Microsoft.EntityFrameworkCore;

namespace AuthPlatform.IntegrationTests.Admin;

/// <summary>Whoever puts an app of their own beside somebody's second factor, or in its place, comes in as that person from then on.</summary>
public sealed class NewAuthenticatorTests(AuthPlatformFixture platform)
{
    private const string Address = "/admin/account/authenticator";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>Also by a form that was opened while the proof was new.</summary>
    [Fact]
    public async Task App_LongAfterTheLastProof_IsNotReplaced()
    {
        var account = await AdminAccount.CreateAsync(platform, Cancellation);
        using var browser = await AdminBrowser.OpenAsync(platform, Cancellation);
        await account.SignInAsync(browser, Cancellation);
        var form = await browser.GetAsync(Address, Cancellation);
        await using var database = await platform.OpenAuthDatabaseAsync(Cancellation);
        var secret = database.Administrators.Where(a => a.Id == account.Id).Select(a => a.TotpSecretEncrypted);
        var before = await secret.SingleAsync(Cancellation);
        await account.AgeProofAsync(platform, Cancellation);

        var looked = await browser.GetAsync(Address, Cancellation);
        var acted = await browser.SubmitAsync(form, Address, Cancellation, AdminAccount.NewApp(form));

        const string Confirm = "/admin/account/confirm?ReturnUrl=%2Fadmin%2Faccount%2Fauthenticator";
        Assert.Equal(Confirm, looked.Location);
        Assert.Equal(Confirm, acted.Location);
        Assert.Equal(before, await secret.SingleAsync(Cancellation));
    }

    /// <summary>Who has passkeys and no app signs in with the password as far as this page, and whoever knows the password does, too.</summary>
    [Fact]
    public async Task App_BesideAPasskey_IsNotSetUpByThePasswordAlone()
    {
        var account = await AdminAccount.CreateAsync(platform, Cancellation);
        await account.LoseAppAsync(platform, Cancellation);
        using var browser = await AdminBrowser.OpenAsync(platform, Cancellation);
        await account.EnterPasswordAsync(browser, AdminAccount.Password, Cancellation);
        // As long as there is no second factor at all, it is shown.
        var form = await browser.GetAsync(Address, Cancellation);
        var app = AdminAccount.NewApp(form);
        using var passkey = await SoftwarePasskey.CreateAsync(platform, account, Cancellation);

        var looked = await browser.GetAsync(Address, Cancellation);
        var acted = await browser.SubmitAsync(form, Address, Cancellation, app);

        Assert.Equal("/admin/sign-in", looked.Location);
        Assert.Equal("/admin/sign-in", acted.Location);
        await using var database = await platform.OpenAuthDatabaseAsync(Cancellation);
        Assert.Null(await database.Administrators.Where(a => a.Id == account.Id).Select(a => a.TotpSecretEncrypted).SingleAsync(Cancellation));
    }
}
