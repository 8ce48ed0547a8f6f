using System.Net;
using AuthPlatform.Data.Admin;
using AuthPlatform.Data.Auth;
using AuthPlatform.IntegrationTests.Infrastructure;
using Microsoft.EntityFrameworkCore;
using static AuthPlatform.IntegrationTests.Admin.ApplicationForms;

namespace AuthPlatform.IntegrationTests.Admin;

/// <summary>That settings are taken as they were meant, or not at all.</summary>
public sealed class ApplicationSettingsTests(AuthPlatformFixture platform)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Settings_Changed_CountAtOnceAndAreAuditedBeforeAndAfter()
    {
        using var browser = await AdminAccount.SignInAsync(platform, Cancellation, AdministratorRoles.ApplicationManager);
        var application = await platform.CreateApplicationAsync(_ => { }, Cancellation);

        var saved = await SaveAsync(browser, application, ("Input.AccessLifetime", "10m"), ("Input.AllowedIps", "127.0.0.0/8\r\n::1\r\n10.0.0.1-10.0.0.9"), ("Input.SessionScope", "user"));

        Assert.Equal(HttpStatusCode.Found, saved.Status);
        await using var database = await platform.OpenAuthDatabaseAsync(Cancellation);
        var row = await database.Applications.SingleAsync(a => a.ClientId == application.ClientId, Cancellation);
        Assert.Equal((600, SessionScopes.User), (row.AccessLifetimeSeconds, row.SessionScope));
        Assert.Equal(["127.0.0.0/8", "::1", "10.0.0.1-10.0.0.9"], row.AllowedIps);
        var written = await database.AuditEvents.SingleAsync(e => e.ClientId == application.ClientId && e.Kind == AuditKinds.ApplicationChanged, Cancellation);
        Assert.Contains("""{"after": 600, "before": 300}""", written.Details, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Settings_ThatAreWrong_AreToldLineByLineAndNothingIsSaved()
    {
        using var browser = await AdminAccount.SignInAsync(platform, Cancellation, AdministratorRoles.ApplicationManager);
        var application = await platform.CreateApplicationAsync(_ => { }, Cancellation);

        var page = await SaveAsync(
            browser, application, ("Input.Name", ""), ("Input.AccessLifetime", "2h"), ("Input.RefreshIdle", "soon"), ("Input.AllowedIps", "10.0.0.0/8\nnonsense\n1.2.3.4\n999.1.1.1"), ("Input.RefreshFormat", "xml"));

        Assert.Equal(HttpStatusCode.OK, page.Status);
        foreach (var text in new[] { "Line 2: 'nonsense'", "Line 4: '999.1.1.1'", "60 to 3600 s, not 7200 s", "Write a number and", "1 to 200 characters", "not 'xml'" })
        {
            Assert.Contains(text, page.Text, StringComparison.Ordinal);
        }

        await using var database = await platform.OpenAuthDatabaseAsync(Cancellation);
        Assert.Equal(300, (await database.Applications.SingleAsync(a => a.ClientId == application.ClientId, Cancellation)).AccessLifetimeSeconds);
    }

    [Fact]
    public async Task Settings_ChangedByTwoAtOnce_AreNotOverwritten()
    {
        using var browser = await AdminAccount.SignInAsync(platform, Cancellation, AdministratorRoles.ApplicationManager);
        var application = await platform.CreateApplicationAsync(_ => { }, Cancellation);
        var form = await browser.GetAsync(Address(application), Cancellation);

        var answers = new[]
        {
            await browser.SubmitAsync(form, Address(application), Cancellation, Fields(form, ("Input.Name", "First"))),
            await browser.SubmitAsync(form, Address(application), Cancellation, Fields(form, ("Input.Name", "Second"))),
        };

        Assert.Equal([HttpStatusCode.Found, HttpStatusCode.Conflict], answers.Select(page => page.Status));
        Assert.Contains("Somebody else has changed this application", answers[1].Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Settings_WithFieldsThatNoFormHas_ChangeNothingElse()
    {
        using var browser = await AdminAccount.SignInAsync(platform, Cancellation, AdministratorRoles.ApplicationManager);
        var application = await platform.CreateApplicationAsync(_ => { }, Cancellation);
        await using var database = await platform.OpenAuthDatabaseAsync(Cancellation);
        var before = await database.Applications.AsNoTracking().SingleAsync(a => a.ClientId == application.ClientId, Cancellation);

        await SaveAsync(
            browser,
            application,
            ("Input.Enabled", "false"),
            ("Input.ClientId", "mine"),
            ("Application.Enabled", "false"),
            ("Application.ClientId", "mine"),
            ("Application.RefreshKeyEncrypted", "AAAA"),
            ("Application.Secrets[0].ExpiresAt", "2020-01-01"),
            ("Enabled", "false"),
            ("ClientId", "mine"),
            ("MayChange", "true"));

        var after = await database.Applications.AsNoTracking().Include(a => a.Secrets).SingleAsync(a => a.Id == before.Id, Cancellation);
        Assert.Equal((before.ClientId, before.Enabled), (after.ClientId, after.Enabled));
        Assert.Equal(before.RefreshKeyEncrypted, after.RefreshKeyEncrypted);
        Assert.Null(Assert.Single(after.Secrets).ExpiresAt);
    }
}
