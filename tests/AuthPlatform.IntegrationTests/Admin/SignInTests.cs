using System.Net;
using System.Text.Json;
using AuthPlatform.Data.Admin;
using AuthPlatform.Data.Auth;
using AuthPlatform.IntegrationTests.Infrastructure;
using Microsoft.EntityFrameworkCore;

namespace AuthPlatform.IntegrationTests.Admin;

/// <summary>How administrators get in, and how others do not.</summary>
public sealed class SignInTests(AuthPlatformFixture platform)
{
    private const string Session = "__Host-authplatform-session";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task SignIn_WithPasswordAndCode_BeginsASessionThatSignOutEnds()
    {
        using var browser = await AdminBrowser.OpenAsync(platform, Cancellation);
        var account = await AdminAccount.CreateAsync(platform, Cancellation);

        var page = await account.SignInAsync(browser, Cancellation, "/admin/account");
        Assert.Equal("/admin/account", page.Location);
        Assert.Contains(account.UserName, (await browser.GetAsync("/admin/account", Cancellation)).Text, StringComparison.Ordinal);

        var stolen = browser.Cookies[Session];
        await browser.FillAsync("/admin/account", Cancellation);
        await browser.SubmitAsync(await browser.GetAsync("/admin/account", Cancellation), "/admin/sign-out", Cancellation);
        browser.Cookies[Session] = stolen;
        Assert.StartsWith("/admin/sign-in", (await browser.GetAsync("/admin/account", Cancellation)).Location, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("https://evil.example/")]
    [InlineData("//evil.example/")]
    [InlineData("/\\evil.example/")]
    [InlineData("/가")]
    public async Task SignIn_WithReturnUrlElsewhere_StaysHere(string returnUrl)
    {
        using var browser = await AdminBrowser.OpenAsync(platform, Cancellation);
        var account = await AdminAccount.CreateAsync(platform, Cancellation);

        Assert.Equal("/admin/", (await account.SignInAsync(browser, Cancellation, returnUrl)).Location);
    }

    [Fact]
    public async Task SignIn_Again_GivesANewSessionAndEndsTheOld()
    {
        using var browser = await AdminBrowser.OpenAsync(platform, Cancellation);
        var account = await AdminAccount.CreateAsync(platform, Cancellation);
        await account.SignInAsync(browser, Cancellation);
        var before = browser.Cookies[Session];

        await account.SignInAsync(browser, Cancellation);

        Assert.NotEqual(before, browser.Cookies[Session]);
        await using var database = await platform.OpenAuthDatabaseAsync(Cancellation);
        Assert.Equal(1, await database.AdministratorSessions.CountAsync(s => s.AdministratorId == account.Id, Cancellation));
    }

    [Fact]
    public async Task Code_UsedBefore_IsRefused()
    {
        using var browser = await AdminBrowser.OpenAsync(platform, Cancellation);
        var account = await AdminAccount.CreateAsync(platform, Cancellation);
        var code = account.NextCode();
        await account.EnterPasswordAsync(browser, AdminAccount.Password, Cancellation);
        var pending = browser.Cookies["__Host-authplatform-pending"];
        await browser.FillAsync("/admin/sign-in/code", Cancellation, ("Code", code));

        using var thief = await AdminBrowser.OpenAsync(platform, Cancellation);
        thief.Cookies["__Host-authplatform-pending"] = pending;
        var page = await thief.FillAsync("/admin/sign-in/code", Cancellation, ("Code", code));

        Assert.Null(page.Location);
        Assert.Contains("used already", page.Text, StringComparison.Ordinal);
        Assert.DoesNotContain(Session, thief.Cookies.Keys);
    }

    [Fact]
    public async Task Refusal_OfUnknownNameWrongPasswordOrSuspended_IsTheSame()
    {
        var known = await AdminAccount.CreateAsync(platform, Cancellation);
        var suspended = await AdminAccount.CreateAsync(platform, Cancellation);
        await using var database = await platform.OpenAuthDatabaseAsync(Cancellation);
        await database.Administrators.Where(a => a.Id == suspended.Id).ExecuteUpdateAsync(set => set.SetProperty(a => a.SuspendedAt, TimeProvider.System.GetUtcNow()), Cancellation);
        using var browser = await AdminBrowser.OpenAsync(platform, Cancellation);

        var answers = new List<AdminPage>();
        foreach (var (name, password) in new[] { (known.UserName, "wrong"), ("nobody-" + SignedRequests.Nonce(), "wrong"), (suspended.UserName, AdminAccount.Password) })
        {
            answers.Add(await browser.FillAsync("/admin/sign-in", Cancellation, ("UserName", name), ("Password", password)));
        }

        Assert.All(answers, page => Assert.Contains("The user name or the password is wrong.", page.Text, StringComparison.Ordinal));
        Assert.Single(answers.Select(page => page.Status).Distinct());
    }

    [Fact]
    public async Task Guessing_ByManyAtOnce_HasToWaitAfterFiveTries()
    {
        var account = await AdminAccount.CreateAsync(platform, Cancellation);
        using var browser = await AdminBrowser.OpenAsync(platform, Cancellation, IPAddress.Parse("127.0.3.20"));
        var form = await browser.GetAsync("/admin/sign-in", Cancellation);

        var answers = await Task.WhenAll(Enumerable.Range(0, 12).Select(_ =>
            browser.SubmitAsync(form, "/admin/sign-in", Cancellation, ("UserName", account.UserName), ("Password", "a wrong guess"))));

        Assert.InRange(answers.Count(page => page.Status == HttpStatusCode.OK), 5, 11);
        Assert.Contains(answers, page => page.Status == HttpStatusCode.TooManyRequests && page.Text.Contains("Too many tries", StringComparison.Ordinal));
        // Twelve refusals are a few rows; what is nobody's name may be a password, and is in none.
        await browser.SubmitAsync(form, "/admin/sign-in", Cancellation, ("UserName", "my secret " + account.UserName), ("Password", "a wrong guess"));
        await using var database = await platform.OpenAuthDatabaseAsync(Cancellation);
        var mine = JsonSerializer.Serialize(new { user = account.UserName });
        var written = database.AuditEvents.Where(e => e.Kind == AuditKinds.UserRefused && EF.Functions.JsonContains(e.Details!, mine));
        await Eventually.TrueAsync(async () => await written.SumAsync(e => e.Count, Cancellation) == 12, Cancellation);
        Assert.InRange(await written.CountAsync(Cancellation), 2, 4);
        var all = await database.AuditEvents.Where(e => e.Kind == AuditKinds.UserRefused && e.Details != null).Select(e => e.Details!).ToListAsync(Cancellation);
        Assert.DoesNotContain(all, details => details.Contains("my secret", StringComparison.OrdinalIgnoreCase));
    }

    /// <summary>Whoever looked over a shoulder has the password, and is as fast as the person.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Code_SentFromTwoBrowsersAtOnce_BeginsOneSession(bool isRecoveryCode)
    {
        var account = await AdminAccount.CreateAsync(platform, Cancellation);
        using var one = await AdminBrowser.OpenAsync(platform, Cancellation);
        using var other = await AdminBrowser.OpenAsync(platform, Cancellation);
        var waiting = new List<(AdminBrowser Browser, AdminPage Form)>();
        foreach (var browser in new[] { one, other })
        {
            await account.EnterPasswordAsync(browser, AdminAccount.Password, Cancellation);
            waiting.Add((browser, await browser.GetAsync("/admin/sign-in/code", Cancellation)));
        }

        var code = isRecoveryCode ? AdminAccount.RecoveryCode : account.NextCode();
        var answers = await Task.WhenAll(waiting.Select(w => w.Browser.SubmitAsync(w.Form, "/admin/sign-in/code", Cancellation, ("Code", code))));

        Assert.Single(answers, page => page.Location == "/admin/");
        Assert.Single(answers, page => page.Text.Contains("used already", StringComparison.Ordinal));
        await using var database = await platform.OpenAuthDatabaseAsync(Cancellation);
        Assert.Equal(1, await database.AdministratorSessions.CountAsync(s => s.AdministratorId == account.Id, Cancellation));
    }

    /// <summary>Where a service listens on IPv6 too, IPv4 callers are told like this; a search of the audit finds them all the same.</summary>
    [Fact]
    public async Task Address_MappedToIPv6_IsWrittenDownAsIPv4()
    {
        var account = await AdminAccount.CreateAsync(platform, Cancellation);
        using var browser = await AdminBrowser.OpenAsync(platform, Cancellation, IPAddress.Parse("::ffff:198.51.100.20"));
        await account.SignInAsync(browser, Cancellation);

        await using var database = await platform.OpenAuthDatabaseAsync(Cancellation);
        Assert.Equal("198.51.100.20", await database.AdministratorSessions.Where(s => s.AdministratorId == account.Id).Select(s => s.Address).SingleAsync(Cancellation));
        Assert.Equal("198.51.100.20", await database.AuditEvents.Where(e => e.Actor == account.UserName).Select(e => e.Address).SingleAsync(Cancellation));
    }

    [Fact]
    public async Task RecoveryCode_InsteadOfACode_WorksOnce()
    {
        using var browser = await AdminBrowser.OpenAsync(platform, Cancellation);
        var account = await AdminAccount.CreateAsync(platform, Cancellation);
        await account.SignInAsync(browser, Cancellation);
        var codes = await browser.FillAsync("/admin/account/recovery-codes", Cancellation);
        var code = System.Text.RegularExpressions.Regex.Match(codes.Html, "<li[^>]*>([a-z0-9]{4}(-[a-z0-9]{4}){3})</li>").Groups[1].Value;

        using var other = await AdminBrowser.OpenAsync(platform, Cancellation);
        await account.EnterPasswordAsync(other, AdminAccount.Password, Cancellation);
        var first = await other.FillAsync("/admin/sign-in/code", Cancellation, ("Code", code.ToUpperInvariant()));
        await account.EnterPasswordAsync(other, AdminAccount.Password, Cancellation);
        var second = await other.FillAsync("/admin/sign-in/code", Cancellation, ("Code", code));

        Assert.Equal("/admin/", first.Location);
        Assert.Null(second.Location);
    }

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
    public async Task SecretPage_LongAfterTheSignIn_AsksForANewProof()
    {
        using var browser = await AdminBrowser.OpenAsync(platform, Cancellation);
        var account = await AdminAccount.CreateAsync(platform, Cancellation);
        await account.SignInAsync(browser, Cancellation);
        await using var database = await platform.OpenAuthDatabaseAsync(Cancellation);
        await database.Database.ExecuteSqlAsync($"UPDATE administrator_sessions SET verified_at = verified_at - interval '11 minutes' WHERE administrator_id = {account.Id}", Cancellation);
        var before = browser.Cookies[Session];
        var signedInAt = database.AdministratorSessions.Where(s => s.AdministratorId == account.Id).Select(s => s.CreatedAt);
        var since = await signedInAt.SingleAsync(Cancellation);

        var page = await browser.GetAsync("/admin/account/recovery-codes", Cancellation);
        Assert.Equal("/admin/account/confirm?returnUrl=%2Fadmin%2Faccount%2Frecovery-codes", page.Location);

        var confirmed = await browser.FillAsync(page.Location!, Cancellation, ("Code", account.NextCode()), ("ReturnUrl", "/admin/account/recovery-codes"));
        Assert.Equal("/admin/account/recovery-codes", confirmed.Location);
        Assert.NotEqual(before, browser.Cookies[Session]);
        // It lives no longer for it.
        Assert.Equal(since, await signedInAt.SingleAsync(Cancellation));
        Assert.Equal(HttpStatusCode.OK, (await browser.GetAsync("/admin/account/recovery-codes", Cancellation)).Status);
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
