using System.Net;
using AuthPlatform.Data.Admin;
using AuthPlatform.IntegrationTests.Infrastructure;
using Microsoft.EntityFrameworkCore;

namespace AuthPlatform.IntegrationTests.Admin;

/// <summary>When the session of an administrator is over, and who can end it.</summary>
public sealed class OwnSessionTests(AuthPlatformFixture platform)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(31, 0)]
    [InlineData(0, 13 * 60)]
    public async Task Session_TooLongUnusedOrTooOld_HasEnded(int unusedMinutes, int ageMinutes)
    {
        using var browser = await AdminBrowser.OpenAsync(platform, Cancellation);
        var account = await AdminAccount.CreateAsync(platform, Cancellation);
        await account.SignInAsync(browser, Cancellation);
        await using var database = await platform.OpenAuthDatabaseAsync(Cancellation);
        await database.Database.ExecuteSqlAsync(
            $"UPDATE administrator_sessions SET last_seen_at = last_seen_at - make_interval(mins => {unusedMinutes}), created_at = created_at - make_interval(mins => {ageMinutes}) WHERE administrator_id = {account.Id}",
            Cancellation);

        Assert.StartsWith("/admin/sign-in", (await browser.GetAsync("/admin/account", Cancellation)).Location, StringComparison.Ordinal);
    }

    /// <summary>A machine starts with a clock that is hours ahead, and is set right: until the hours have passed, the session would not grow old.</summary>
    [Theory]
    [InlineData(9, 0)]
    [InlineData(0, 9)]
    public async Task Session_OfAClockThatWasAhead_HasEnded(int usedInHours, int begunInHours)
    {
        using var browser = await AdminBrowser.OpenAsync(platform, Cancellation);
        var account = await AdminAccount.CreateAsync(platform, Cancellation);
        await account.SignInAsync(browser, Cancellation);
        await using var database = await platform.OpenAuthDatabaseAsync(Cancellation);
        await database.Database.ExecuteSqlAsync(
            $"UPDATE administrator_sessions SET last_seen_at = last_seen_at + make_interval(hours => {usedInHours}), created_at = created_at + make_interval(hours => {begunInHours}) WHERE administrator_id = {account.Id}",
            Cancellation);

        Assert.StartsWith("/admin/sign-in", (await browser.GetAsync("/admin/account", Cancellation)).Location, StringComparison.Ordinal);
        // By then it would be good again.
        Assert.False(await database.AdministratorSessions.AnyAsync(s => s.AdministratorId == account.Id, Cancellation));
    }

    /// <summary>Nobody is told that what they sent is too old, and nobody believes that it was done.</summary>
    [Fact]
    public async Task Form_SentAfterTheSessionIsOver_LeadsToTheSignIn()
    {
        using var browser = await AdminBrowser.OpenAsync(platform, Cancellation);
        var account = await AdminAccount.CreateAsync(platform, Cancellation);
        await account.SignInAsync(browser, Cancellation);
        var form = await browser.GetAsync("/admin/account", Cancellation);
        await using var database = await platform.OpenAuthDatabaseAsync(Cancellation);
        await database.AdministratorSessions.Where(s => s.AdministratorId == account.Id).ExecuteDeleteAsync(Cancellation);

        Assert.Equal("/admin/sign-in", (await browser.SubmitAsync(form, "/admin/sign-out", Cancellation)).Location);
        Assert.Equal("/admin/sign-in?returnUrl=%2Fadmin%2Faudit", (await browser.SubmitAsync(form, "/admin/preferences", Cancellation, ("language", "ko"), ("returnUrl", "/admin/audit"))).Location);
        var lost = await browser.SubmitAsync(form, "/admin/account?handler=EndOthers", Cancellation);
        Assert.Equal("/admin/sign-in?returnUrl=%2Fadmin%2Faccount&lost=true", lost.Location);
        Assert.Contains("nothing was done with the form", (await browser.GetAsync(lost.Location!, Cancellation)).Text, StringComparison.Ordinal);
        Assert.DoesNotContain("nothing was done with the form", (await browser.BrowseAsync("/admin/account", Cancellation)).Text, StringComparison.Ordinal);
    }

    /// <summary>A script asks for the overview as long as it stands on a screen, whether anybody is there or not.</summary>
    [Fact]
    public async Task Session_OfAnOverviewThatNobodyTouches_EndsLikeAnyOther()
    {
        const string Poll = "/admin/?handler=Live";
        using var browser = await AdminBrowser.OpenAsync(platform, Cancellation);
        var account = await AdminAccount.CreateAsync(platform, Cancellation);
        await account.SignInAsync(browser, Cancellation);
        await using var database = await platform.OpenAuthDatabaseAsync(Cancellation);
        var seen = database.AdministratorSessions.Where(s => s.AdministratorId == account.Id).Select(s => s.LastSeenAt);
        await LeaveAsync(20);
        var left = await seen.SingleAsync(Cancellation);

        Assert.Equal(HttpStatusCode.OK, (await browser.GetAsync(Poll, Cancellation)).Status);
        Assert.Equal(left, await seen.SingleAsync(Cancellation));
        Assert.Equal(HttpStatusCode.OK, (await browser.GetAsync("/admin/", Cancellation)).Status);
        Assert.True(await seen.SingleAsync(Cancellation) > left);

        await LeaveAsync(31);
        Assert.Equal("/admin/sign-in?returnUrl=%2Fadmin%2F", (await browser.GetAsync(Poll, Cancellation)).Location);
        Assert.False(await seen.AnyAsync(Cancellation));

        Task LeaveAsync(int minutes) => database.Database.ExecuteSqlAsync(
            $"UPDATE administrator_sessions SET last_seen_at = last_seen_at - make_interval(mins => {minutes}) WHERE administrator_id = {account.Id}", Cancellation);
    }

    /// <summary>Another tab asks again and again, and has sent the cookie from before the new proof: its answer comes later, and must not sign out the browser.</summary>
    [Fact]
    public async Task Answer_ToACookieFromBeforeANewProof_LeavesTheBrowserItsNewOne()
    {
        using var browser = await AdminBrowser.OpenAsync(platform, Cancellation);
        var account = await AdminAccount.CreateAsync(platform, Cancellation);
        await account.SignInAsync(browser, Cancellation);
        using var tab = await AdminBrowser.OpenAsync(platform, Cancellation);
        foreach (var (name, value) in browser.Cookies)
        {
            tab.Cookies[name] = value;
        }

        await browser.FillAsync("/admin/account/confirm", Cancellation, ("Code", account.NextCode()));
        var late = await tab.GetAsync("/admin/?handler=Live", Cancellation);

        Assert.Equal("/admin/sign-in?returnUrl=%2Fadmin%2F", late.Location);
        Assert.DoesNotContain("__Host-authplatform-session", late.Headers.GetValueOrDefault("Set-Cookie") ?? "", StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.OK, (await browser.GetAsync("/admin/account", Cancellation)).Status);
    }

    [Fact]
    public async Task Suspension_OfSomebodySignedIn_CountsAtOnce()
    {
        using var browser = await AdminBrowser.OpenAsync(platform, Cancellation);
        var account = await AdminAccount.CreateAsync(platform, Cancellation);
        await account.SignInAsync(browser, Cancellation);
        await using var database = await platform.OpenAuthDatabaseAsync(Cancellation);
        await database.Administrators.Where(a => a.Id == account.Id).ExecuteUpdateAsync(set => set.SetProperty(a => a.SuspendedAt, TimeProvider.System.GetUtcNow()), Cancellation);

        Assert.StartsWith("/admin/sign-in", (await browser.GetAsync("/admin/account", Cancellation)).Location, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Session_OfSomebodyElse_CannotBeEnded()
    {
        var victim = await AdminAccount.CreateAsync(platform, Cancellation);
        using var victims = await AdminBrowser.OpenAsync(platform, Cancellation);
        await victim.SignInAsync(victims, Cancellation);
        await using var database = await platform.OpenAuthDatabaseAsync(Cancellation);
        var id = await database.AdministratorSessions.Where(s => s.AdministratorId == victim.Id).Select(s => s.Id).SingleAsync(Cancellation);
        using var browser = await AdminAccount.SignInAsync(platform, Cancellation, AdministratorRoles.UserManager);

        var page = await browser.SubmitAsync(await browser.GetAsync("/admin/account", Cancellation), "/admin/account?handler=End", Cancellation, ("id", id.ToString()));

        Assert.Equal(HttpStatusCode.NotFound, page.Status);
        Assert.Equal(HttpStatusCode.OK, (await victims.GetAsync("/admin/account", Cancellation)).Status);
    }
}
