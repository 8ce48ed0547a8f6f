using System.Net;
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

    /// <summary>Who was reset, or has changed the password because somebody else knows it, is not followed by a sign-in that was half done.</summary>
    [Fact]
    public async Task Code_AfterTheAccountWasChanged_IsNotLookedAt()
    {
        var account = await AdminAccount.CreateAsync(platform, Cancellation);
        using var browser = await AdminBrowser.OpenAsync(platform, Cancellation);
        await account.EnterPasswordAsync(browser, AdminAccount.Password, Cancellation);
        var form = await browser.GetAsync("/admin/sign-in/code", Cancellation);
        await using var database = await platform.OpenAuthDatabaseAsync(Cancellation);
        await database.Administrators.Where(a => a.Id == account.Id).ExecuteUpdateAsync(set => set.SetProperty(a => a.SecurityStamp, "another"), Cancellation);

        var page = await browser.SubmitAsync(form, "/admin/sign-in/code", Cancellation, ("Code", account.NextCode()));

        Assert.Equal("/admin/sign-in", page.Location);
        Assert.DoesNotContain(Session, browser.Cookies.Keys);
        Assert.False(await database.AdministratorSessions.AnyAsync(s => s.AdministratorId == account.Id, Cancellation));
    }

    [Fact]
    public async Task Refusal_OfUnknownNameWrongPasswordOrSuspended_IsTheSame()
    {
        var known = await AdminAccount.CreateAsync(platform, Cancellation);
        var suspended = await AdminAccount.CreateAsync(platform, Cancellation);
        await using var database = await platform.OpenAuthDatabaseAsync(Cancellation);
        await database.Administrators.Where(a => a.Id == suspended.Id).ExecuteUpdateAsync(set => set.SetProperty(a => a.SuspendedAt, TimeProvider.System.GetUtcNow()), Cancellation);
        using var browser = await AdminBrowser.OpenAsync(platform, Cancellation);

        var answers = new List<(HttpStatusCode Status, string Headers, string Html)>();
        foreach (var (name, password) in new[] { (known.UserName, "wrong"), ("nobody-" + SignedRequests.Nonce(), "wrong"), (suspended.UserName, AdminAccount.Password) })
        {
            var page = await browser.FillAsync("/admin/sign-in", Cancellation, ("UserName", name), ("Password", password));
            Assert.Contains("The user name or the password is wrong.", page.Text, StringComparison.Ordinal);
            // In everything but what was typed, which stands in the form again, and the token of the form.
            var html = page.Html.Replace(name, "", StringComparison.Ordinal).Replace(page.Token, "", StringComparison.Ordinal);
            answers.Add((page.Status, string.Join(' ', page.Headers.Keys.Order(StringComparer.Ordinal)), html));
        }

        Assert.Single(answers.Distinct());
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
}
