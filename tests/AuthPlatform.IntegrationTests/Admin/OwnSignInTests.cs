using AuthPlatform.Data.Auth;
using AuthPlatform.IntegrationTests.Infrastructure;
using Microsoft.EntityFrameworkCore;

namespace AuthPlatform.IntegrationTests.Admin;

/// <summary>A change of one's own sign-in is written down, and shuts out whoever has taken over a session elsewhere.</summary>
public sealed class OwnSignInTests(AuthPlatformFixture platform)
{
    private const string NewPassword = "another sentence that nobody guesses";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>The change must not be there without the end of the others: the thief would stay in, and the person would believe to have shut them out.</summary>
    [Theory]
    [InlineData("/admin/account/password")]
    [InlineData("/admin/account/authenticator")]
    public async Task Change_WhoseTabIsClosedBeforeTheOthersHaveEnded_IsNone(string path)
    {
        var account = await AdminAccount.CreateAsync(platform, Cancellation);
        await account.HashWellAsync(platform, Cancellation);
        using var thief = await AdminBrowser.OpenAsync(platform, Cancellation);
        await account.SignInAsync(thief, Cancellation);
        await using var database = await platform.OpenAuthDatabaseAsync(Cancellation);
        var person = database.Administrators.AsNoTracking().Where(a => a.Id == account.Id);
        var stolen = await database.AdministratorSessions.Where(s => s.AdministratorId == account.Id).Select(s => s.Id).SingleAsync(Cancellation);
        using var browser = await AdminBrowser.OpenAsync(platform, Cancellation);
        await account.SignInAsync(browser, Cancellation);
        var form = await browser.GetAsync(path, Cancellation);
        var before = await person.SingleAsync(Cancellation);

        await using var holding = await database.Database.BeginTransactionAsync(Cancellation);
        await database.Database.ExecuteSqlAsync($"SELECT FROM administrator_sessions WHERE id = {stolen} FOR UPDATE", Cancellation);
        using var tab = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        var changing = browser.SubmitAsync(form, path, tab.Token, Fields(form));
        await Eventually.TrueAsync(async () => changing.IsCompleted || await database.IsWaitedForAsync(Cancellation), Cancellation);
        await tab.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => changing);
        await Eventually.TrueAsync(async () => !await database.IsWaitedForAsync(Cancellation), Cancellation);

        var after = await person.SingleAsync(Cancellation);
        Assert.Equal((before.SecurityStamp, before.PasswordHash), (after.SecurityStamp, after.PasswordHash));
        Assert.Equal(before.TotpSecretEncrypted, after.TotpSecretEncrypted);
    }

    /// <summary>The audit must not call a session signed out that goes on; and whoever closes the tab at once has pressed the button all the same.</summary>
    [Fact]
    public async Task SignOut_WhoseTabIsClosed_IsDoneAndWrittenDown()
    {
        var account = await AdminAccount.CreateAsync(platform, Cancellation);
        using var browser = await AdminBrowser.OpenAsync(platform, Cancellation);
        await account.SignInAsync(browser, Cancellation);
        var form = await browser.GetAsync("/admin/account", Cancellation);
        await using var database = await platform.OpenAuthDatabaseAsync(Cancellation);
        await using (var holding = await database.Database.BeginTransactionAsync(Cancellation))
        {
            await database.Database.ExecuteSqlAsync($"SELECT FROM administrator_sessions WHERE administrator_id = {account.Id} FOR UPDATE", Cancellation);
            using var tab = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
            var leaving = browser.SubmitAsync(form, "/admin/sign-out", tab.Token);
            await Eventually.TrueAsync(async () => leaving.IsCompleted || await database.IsWaitedForAsync(Cancellation), Cancellation);
            await tab.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => leaving);
            // Time enough to notice, and not much: the page waits ten seconds for the database.
            await browser.GetAsync("/admin/icon.svg", Cancellation);
        }

        await Eventually.TrueAsync(() => database.AuditEvents.AnyAsync(e => e.Actor == account.UserName && e.Kind == AuditKinds.UserSignedOut, Cancellation), Cancellation);
        Assert.False(await database.AdministratorSessions.AnyAsync(s => s.AdministratorId == account.Id, Cancellation));
    }

    [Fact]
    public async Task OwnSignIn_UsedAndChanged_IsAudited()
    {
        var account = await AdminAccount.CreateAsync(platform, Cancellation);
        using var browser = await AdminBrowser.OpenAsync(platform, Cancellation);
        await account.SignInAsync(browser, Cancellation);
        const string Other = "another sentence that nobody guesses";
        await browser.FillAsync("/admin/account/password", Cancellation, ("Present", AdminAccount.Password), ("Password", "short"), ("Again", "short"));
        await browser.FillAsync("/admin/account/password", Cancellation, ("Present", AdminAccount.Password), ("Password", Other), ("Again", Other));
        await browser.FillAsync("/admin/account/recovery-codes", Cancellation);
        await browser.SubmitAsync(await browser.GetAsync("/admin/account", Cancellation), "/admin/account?handler=EndOthers", Cancellation);
        await browser.SubmitAsync(await browser.GetAsync("/admin/account", Cancellation), "/admin/sign-out", Cancellation);

        await using var database = await platform.OpenAuthDatabaseAsync(Cancellation);
        var kinds = await database.AuditEvents.Where(e => e.Actor == account.UserName).OrderBy(e => e.OccurredAt).ThenBy(e => e.Id).Select(e => e.Kind).ToListAsync(Cancellation);
        Assert.Equal([AuditKinds.UserSignedIn, AuditKinds.UserPasswordChanged, AuditKinds.UserCodesRenewed, AuditKinds.UserSessionsEnded, AuditKinds.UserSignedOut], kinds);
    }

    private static (string Name, string Value)[] Fields(AdminPage form) => form.Html.Contains("name=\"Secret\"", StringComparison.Ordinal)
        ? AdminAccount.NewApp(form)
        : [("Present", AdminAccount.Password), ("Password", NewPassword), ("Again", NewPassword)];
}
