using AuthPlatform.Data.Admin;
using AuthPlatform.IntegrationTests.Infrastructure;
using Microsoft.EntityFrameworkCore;
using static AuthPlatform.IntegrationTests.Admin.UserForms;

namespace AuthPlatform.IntegrationTests.Admin;

/// <summary>Whoever was let past the password, and is shut out or reset before the second factor.</summary>
public sealed class LateCodeTests(AuthPlatformFixture platform)
{
    private const string Code = "/admin/sign-in/code";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>It was on its way, has read its owner as they were, and uses the code up when the change is done.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Code_ThatWaitsForASuspension_BeginsNoSession(bool isRecoveryCode)
    {
        var account = await AdminAccount.CreateAsync(platform, Cancellation);
        using var browser = await AdminBrowser.OpenAsync(platform, Cancellation);
        await account.EnterPasswordAsync(browser, AdminAccount.Password, Cancellation);
        var form = await browser.GetAsync(Code, Cancellation);
        await using var database = await platform.OpenAuthDatabaseAsync(Cancellation);

        await using (var suspension = await database.Database.BeginTransactionAsync(Cancellation))
        {
            await database.Administrators.Where(a => a.Id == account.Id).ExecuteUpdateAsync(
                set => set.SetProperty(a => a.SuspendedAt, TimeProvider.System.GetUtcNow()).SetProperty(a => a.SecurityStamp, "another"), Cancellation);
            var late = browser.SubmitAsync(form, Code, Cancellation, ("Code", isRecoveryCode ? AdminAccount.RecoveryCode : account.NextCode()));
            await Eventually.TrueAsync(async () => late.IsCompleted || await database.IsWaitedForAsync(Cancellation), Cancellation);
            await suspension.CommitAsync(Cancellation);
            Assert.Contains("That code is wrong", (await late).Text, StringComparison.Ordinal);
        }

        Assert.DoesNotContain("__Host-authplatform-session", browser.Cookies.Keys);
        Assert.False(await database.AdministratorSessions.AnyAsync(s => s.AdministratorId == account.Id, Cancellation));
    }

    /// <summary>Also when they are let in again, or have another way in, by then.</summary>
    [Theory]
    [InlineData("Roles")]
    [InlineData("Reset")]
    [InlineData("Suspend", "Resume")]
    public async Task Code_AfterAChangeOfItsOwner_IsNotLookedAt(params string[] handlers)
    {
        using var manager = await AdminAccount.SignInAsync(platform, Cancellation, AdministratorRoles.UserManager);
        var account = await AdminAccount.CreateAsync(platform, Cancellation, AdministratorRoles.Auditor);
        using var browser = await AdminBrowser.OpenAsync(platform, Cancellation);
        await account.EnterPasswordAsync(browser, AdminAccount.Password, Cancellation);
        var form = await browser.GetAsync(Code, Cancellation);
        foreach (var handler in handlers)
        {
            await PressAsync(manager, account.Id, handler);
        }

        var page = await browser.SubmitAsync(form, Code, Cancellation, ("Code", account.NextCode()));

        Assert.Equal("/admin/sign-in", page.Location);
        Assert.DoesNotContain("__Host-authplatform-session", browser.Cookies.Keys);
    }
}
