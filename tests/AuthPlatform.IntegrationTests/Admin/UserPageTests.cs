using System.Net;
using AuthPlatform.Data.Admin;
using AuthPlatform.Data.Auth;
using AuthPlatform.IntegrationTests.Infrastructure;
using Microsoft.EntityFrameworkCore;
using static AuthPlatform.IntegrationTests.Admin.UserForms;

namespace AuthPlatform.IntegrationTests.Admin;

/// <summary>How people come in and go, and that nobody makes themselves more than they are.</summary>
public sealed class UserPageTests(AuthPlatformFixture platform)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Invitation_OfSomebody_GivesALinkAndWaitsForApproval()
    {
        using var browser = await AdminAccount.SignInAsync(platform, Cancellation, AdministratorRoles.UserManager);
        var name = "new-" + SignedRequests.Nonce()[..12];

        var invited = await browser.FillAsync("/admin/users/invite", Cancellation, ("UserName", name), ("Roles", AdministratorRoles.Auditor));
        var again = await browser.FillAsync("/admin/users/invite", Cancellation, ("UserName", name.ToUpperInvariant()));

        using var guest = await AdminBrowser.OpenAsync(platform, Cancellation);
        var link = LinkOn(invited);
        Assert.Contains("Choose the password", (await guest.GetAsync(link, Cancellation)).Text, StringComparison.Ordinal);
        Assert.Contains("somebody of that name already", again.Text, StringComparison.Ordinal);
        await using var database = await platform.OpenAuthDatabaseAsync(Cancellation);
        var person = await database.Administrators.SingleAsync(a => a.UserName == name, Cancellation);
        Assert.Equal([AdministratorRoles.Auditor], person.Roles);
        Assert.Equal(HttpStatusCode.BadRequest, (await PressAsync(browser, person.Id, "Approve")).Status);
        await database.Entry(person).ReloadAsync(Cancellation);
        Assert.Null(person.ApprovedAt);

        person.PasswordHash = "of whoever used the link";
        await database.SaveChangesAsync(Cancellation);
        Assert.Equal(HttpStatusCode.Found, (await PressAsync(browser, person.Id, "Approve")).Status);
        await database.Entry(person).ReloadAsync(Cancellation);
        Assert.NotNull(person.ApprovedAt);
        var kinds = await database.AuditEvents.Where(e => EF.Functions.JsonContains(e.Details!, $$"""{"user":"{{name}}"}""")).OrderBy(e => e.Id).Select(e => e.Kind).ToListAsync(Cancellation);
        Assert.Equal([AuditKinds.UserInvited, AuditKinds.UserApproved], kinds);
    }

    [Fact]
    public async Task Invitation_WithFieldsThatNoFormHas_StillWaitsForApproval()
    {
        using var browser = await AdminAccount.SignInAsync(platform, Cancellation, AdministratorRoles.UserManager);
        var (name, id) = ("new-" + SignedRequests.Nonce()[..12], Guid.CreateVersion7(TimeProvider.System.GetUtcNow()));

        var invited = await browser.FillAsync(
            "/admin/users/invite", Cancellation, ("UserName", name), ("Id", id.ToString()), ("ApprovedAt", "2020-01-01"), ("PasswordHash", "x"), ("Made.Url", "https://evil.example"), ("Person.Roles", "administrator"), ("SecurityStamp", "x"));

        await using var database = await platform.OpenAuthDatabaseAsync(Cancellation);
        var person = await database.Administrators.SingleAsync(a => a.UserName == name, Cancellation);
        Assert.Equal((null, null, true), (person.ApprovedAt, person.PasswordHash, person.Id != id && person.Roles.Length == 0));

        // Nor does whoever uses the link become more than they were invited as.
        using var guest = await AdminBrowser.OpenAsync(platform, Cancellation);
        var link = LinkOn(invited);
        var form = await guest.GetAsync(link, Cancellation);
        await guest.SubmitAsync(
            form, "/admin/setup", Cancellation, ("Token", link.Split('=')[1]), ("Password", AdminAccount.Password), ("Again", AdminAccount.Password), ("UserName", "other"), ("Roles", "administrator"), ("ApprovedAt", "2020-01-01"), ("Link.AdministratorId", ""));
        await database.Entry(person).ReloadAsync(Cancellation);
        Assert.Equal((name, null, 0), (person.UserName, person.ApprovedAt, person.Roles.Length));
        Assert.NotNull(person.PasswordHash);
        Assert.True(await database.AuditEvents.AnyAsync(e => e.Actor == name && e.Kind == AuditKinds.UserSetUp, Cancellation));
    }

    /// <summary>A cookie from before must not be worth more, or less, than it was.</summary>
    [Fact]
    public async Task Roles_OfSomebodySignedIn_CountUnderANewSession()
    {
        using var browser = await AdminAccount.SignInAsync(platform, Cancellation, AdministratorRoles.UserManager);
        var account = await AdminAccount.CreateAsync(platform, Cancellation);
        using var theirs = await AdminBrowser.OpenAsync(platform, Cancellation);
        await account.SignInAsync(theirs, Cancellation);
        var before = theirs.Cookies["__Host-authplatform-session"];

        Assert.Equal(HttpStatusCode.Found, (await PressAsync(browser, account.Id, "Roles", ("roles", AdministratorRoles.Auditor))).Status);

        Assert.StartsWith("/admin/sign-in", (await theirs.GetAsync("/admin/users", Cancellation)).Location, StringComparison.Ordinal);
        await account.SignInAsync(theirs, Cancellation);
        Assert.NotEqual(before, theirs.Cookies["__Host-authplatform-session"]);
        Assert.Equal(HttpStatusCode.OK, (await theirs.GetAsync("/admin/users", Cancellation)).Status);
    }

    [Fact]
    public async Task UserManager_WithAdministrators_CanDoNothing()
    {
        using var browser = await AdminAccount.SignInAsync(platform, Cancellation, AdministratorRoles.UserManager);
        var administrator = await AdminAccount.CreateAsync(platform, Cancellation, AdministratorRoles.Administrator);
        var somebody = await AdminAccount.CreateAsync(platform, Cancellation);

        foreach (var handler in new[] { "Roles", "Approve", "Suspend", "Resume", "Link", "Reset" })
        {
            Assert.Equal((handler, HttpStatusCode.Forbidden), (handler, (await PressAsync(browser, administrator.Id, handler)).Status));
        }

        Assert.Equal(HttpStatusCode.Forbidden, (await PressAsync(browser, somebody.Id, "Roles", ("roles", AdministratorRoles.Administrator))).Status);
        Assert.Equal(HttpStatusCode.Forbidden, (await browser.FillAsync("/admin/users/invite", Cancellation, ("UserName", "admin-" + SignedRequests.Nonce()), ("Roles", AdministratorRoles.Administrator))).Status);
        Assert.Equal(HttpStatusCode.Found, (await PressAsync(browser, somebody.Id, "Roles", ("roles", AdministratorRoles.Auditor), ("Person.Roles", AdministratorRoles.Administrator), ("Person.ApprovedAt", ""))).Status);
        await using var database = await platform.OpenAuthDatabaseAsync(Cancellation);
        Assert.Equal([AdministratorRoles.Auditor], (await database.Administrators.SingleAsync(a => a.Id == somebody.Id, Cancellation)).Roles);
    }

    [Fact]
    public async Task Oneself_OfAnyRole_CannotBeChanged()
    {
        var account = await AdminAccount.CreateAsync(platform, Cancellation, AdministratorRoles.Administrator);
        using var browser = await AdminBrowser.OpenAsync(platform, Cancellation);
        await account.SignInAsync(browser, Cancellation);

        Assert.Equal(HttpStatusCode.Forbidden, (await PressAsync(browser, account.Id, "Suspend")).Status);
        Assert.Equal(HttpStatusCode.Forbidden, (await PressAsync(browser, account.Id, "Roles")).Status);
    }

    [Theory]
    [InlineData("Suspend", "Suspend")]
    [InlineData("Reset", "Reset")]
    [InlineData("Suspend", "Reset")]
    public async Task Administrators_WhoShutEachOtherOutAtOnce_LeaveOne(string one, string other)
    {
        var people = await Task.WhenAll(Enumerable.Range(0, 2).Select(async _ =>
        {
            var account = await AdminAccount.CreateAsync(platform, Cancellation, AdministratorRoles.Administrator);
            var browser = await AdminBrowser.OpenAsync(platform, Cancellation);
            await account.SignInAsync(browser, Cancellation);
            return (Account: account, Browser: browser);
        }));
        var (first, second) = (people[0], people[1]);
        var forms = await Task.WhenAll(first.Browser.GetAsync($"/admin/users/{second.Account.Id}", Cancellation), second.Browser.GetAsync($"/admin/users/{first.Account.Id}", Cancellation));

        await Task.WhenAll(PressAsync(first.Browser, forms[0], second.Account.Id, one), PressAsync(second.Browser, forms[1], first.Account.Id, other));

        var ids = people.Select(p => p.Account.Id).ToList();
        await using var database = await platform.OpenAuthDatabaseAsync(Cancellation);
        Assert.Equal(1, await database.Administrators.CountAsync(a => ids.Contains(a.Id) && a.SuspendedAt == null && a.ApprovedAt != null, Cancellation));
        Array.ForEach(people, person => person.Browser.Dispose());
    }

    /// <summary>Whoever looks at a page from before would give a role back that was taken, or let in whom somebody else has just reset.</summary>
    [Fact]
    public async Task Form_FromBeforeAnotherChange_DoesNothing()
    {
        using var browser = await AdminAccount.SignInAsync(platform, Cancellation, AdministratorRoles.Administrator);
        var account = await AdminAccount.CreateAsync(platform, Cancellation, AdministratorRoles.Auditor);
        var form = await browser.GetAsync($"/admin/users/{account.Id}", Cancellation);

        Assert.Equal(HttpStatusCode.Found, (await PressAsync(browser, form, account.Id, "Roles")).Status);
        foreach (var handler in new[] { "Roles", "Approve", "Resume", "Reset" })
        {
            var page = await PressAsync(browser, form, account.Id, handler, ("roles", AdministratorRoles.Auditor));
            Assert.Equal((handler, HttpStatusCode.Conflict), (handler, page.Status));
            Assert.Contains("not as your page showed it", page.Text, StringComparison.Ordinal);
        }

        await using var database = await platform.OpenAuthDatabaseAsync(Cancellation);
        var person = await database.Administrators.SingleAsync(a => a.Id == account.Id, Cancellation);
        Assert.Equal((0, true), (person.Roles.Length, person.PasswordHash is not null));
        // But nobody puts their own suspension off by changing something every second.
        Assert.Equal(HttpStatusCode.Found, (await PressAsync(browser, form, account.Id, "Suspend")).Status);
    }

    /// <summary>Somebody is shut out because a cookie of theirs may be in other hands; that it was not used meanwhile makes it no better.</summary>
    [Fact]
    public async Task Suspension_TakenBack_RevivesNoSession()
    {
        using var browser = await AdminAccount.SignInAsync(platform, Cancellation, AdministratorRoles.UserManager);
        var account = await AdminAccount.CreateAsync(platform, Cancellation);
        using var theirs = await AdminBrowser.OpenAsync(platform, Cancellation);
        await account.SignInAsync(theirs, Cancellation);

        Assert.Equal(HttpStatusCode.Found, (await PressAsync(browser, account.Id, "Suspend")).Status);
        Assert.Equal(HttpStatusCode.Found, (await PressAsync(browser, account.Id, "Resume")).Status);

        Assert.StartsWith("/admin/sign-in", (await theirs.GetAsync("/admin/account", Cancellation)).Location, StringComparison.Ordinal);
        Assert.NotNull((await account.SignInAsync(theirs, Cancellation)).Location);
    }

    [Fact]
    public async Task Reset_OfALostPhone_EndsEverythingAndGivesALink()
    {
        using var browser = await AdminAccount.SignInAsync(platform, Cancellation, AdministratorRoles.UserManager);
        var lost = await AdminAccount.CreateAsync(platform, Cancellation);
        using var passkey = await SoftwarePasskey.CreateAsync(platform, lost, Cancellation);
        using var losts = await AdminBrowser.OpenAsync(platform, Cancellation);
        await lost.SignInAsync(losts, Cancellation);

        var page = await PressAsync(browser, lost.Id, "Reset");

        Assert.Contains("/admin/setup?token=", page.Text, StringComparison.Ordinal);
        Assert.StartsWith("/admin/sign-in", (await losts.GetAsync("/admin/account", Cancellation)).Location, StringComparison.Ordinal);
        await using var database = await platform.OpenAuthDatabaseAsync(Cancellation);
        Assert.Null((await database.Administrators.SingleAsync(a => a.Id == lost.Id, Cancellation)).ApprovedAt);
        Assert.False(await database.AdministratorPasskeys.AnyAsync(p => p.AdministratorId == lost.Id, Cancellation));
        using var again = await AdminBrowser.OpenAsync(platform, Cancellation);
        Assert.Contains("wrong", (await lost.EnterPasswordAsync(again, AdminAccount.Password, Cancellation)).Text, StringComparison.Ordinal);
    }
}
