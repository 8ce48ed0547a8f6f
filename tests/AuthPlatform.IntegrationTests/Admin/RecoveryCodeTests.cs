using AuthPlatform.IntegrationTests.Infrastructure;
using Microsoft.EntityFrameworkCore;

namespace AuthPlatform.IntegrationTests.Admin;

/// <summary>Somebody has ten of them, and no other way in when their phone is lost.</summary>
public sealed class RecoveryCodeTests(AuthPlatformFixture platform)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>As a button does that is pressed twice: the browser hangs up on the first try, and shows the answer to the second.</summary>
    [Theory]
    [InlineData("/admin/sign-in/code")]
    [InlineData("/admin/account/confirm")]
    public async Task Code_OfWhoeverHangsUpBeforeTheirSessionBegins_IsAsGoodAsBefore(string path)
    {
        var account = await AdminAccount.CreateAsync(platform, Cancellation);
        using var browser = await AdminBrowser.OpenAsync(platform, Cancellation);
        await account.SignInAsync(browser, Cancellation);
        await account.EnterPasswordAsync(browser, AdminAccount.Password, Cancellation);
        var form = await browser.GetAsync(path, Cancellation);
        await using var database = await platform.OpenAuthDatabaseAsync(Cancellation);
        await using (var holding = await database.Database.BeginTransactionAsync(Cancellation))
        {
            // The browser's present session ends with the beginning of the new one.
            await database.Database.ExecuteSqlAsync($"SELECT FROM administrator_sessions WHERE administrator_id = {account.Id} FOR UPDATE", Cancellation);
            using var first = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
            var beginning = browser.SubmitAsync(form, path, first.Token, ("Code", AdminAccount.RecoveryCode));
            await Eventually.TrueAsync(async () => beginning.IsCompleted || await database.IsWaitedForAsync(Cancellation), Cancellation);
            await first.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => beginning);
            await Eventually.TrueAsync(async () => !await database.IsWaitedForAsync(Cancellation), Cancellation);
        }

        var page = await browser.SubmitAsync(form, path, Cancellation, ("Code", AdminAccount.RecoveryCode));

        Assert.True(page.Location == "/admin/", page.Text);
        Assert.Empty(await database.Administrators.Where(a => a.Id == account.Id).Select(a => a.RecoveryCodeHashes).SingleAsync(Cancellation));
        Assert.Equal(1, await database.AdministratorSessions.CountAsync(s => s.AdministratorId == account.Id, Cancellation));
    }
}
