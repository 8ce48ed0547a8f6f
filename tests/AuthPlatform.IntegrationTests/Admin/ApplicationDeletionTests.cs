using System.Globalization;
using System.Net;
using System.Text.Json;
using System.Text.RegularExpressions;
using AuthPlatform.Data.Admin;
using AuthPlatform.Data.Auth;
using AuthPlatform.IntegrationTests.Infrastructure;
using Microsoft.EntityFrameworkCore;
using static AuthPlatform.IntegrationTests.Admin.ApplicationForms;

namespace AuthPlatform.IntegrationTests.Admin;

/// <summary>How an application goes: disabled first, then its sessions, its keys and its row, and nobody else waits for any of it.</summary>
public sealed class ApplicationDeletionTests(AuthPlatformFixture platform)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Application_Deleted_OnlyWhenItsIdWasTyped()
    {
        using var browser = await AdminAccount.SignInAsync(platform, Cancellation, AdministratorRoles.ApplicationManager);
        var application = await platform.CreateApplicationAsync(_ => { }, Cancellation);
        await platform.IssueAsync(application, "user", Cancellation);

        Assert.Contains("That is not its client id", (await browser.FillAsync(Address(application) + "/delete", Cancellation, ("Typed", "something"))).Text, StringComparison.Ordinal);
        Assert.Equal("/admin/applications", (await DeleteAsync(browser, application)).Location);

        Assert.Equal(HttpStatusCode.NotFound, (await browser.GetAsync(Address(application) + "/delete", Cancellation)).Status);
        await using var database = await platform.OpenAuthDatabaseAsync(Cancellation);
        Assert.Equal(1, await database.AuditEvents.CountAsync(e => e.ClientId == application.ClientId && e.Kind == AuditKinds.ApplicationDeleted, Cancellation));
        await using var keys = await platform.OpenKeysDatabaseAsync(Cancellation);
        Assert.False(await keys.SigningKeys.AnyAsync(k => k.ClientId == application.ClientId, Cancellation));
        Assert.False(await keys.KeyApplications.AnyAsync(a => a.ClientId == application.ClientId, Cancellation));
    }

    /// <summary>Half-way it is disabled, and whoever changes their mind can have it back.</summary>
    [Fact]
    public async Task Application_WhoseKeysCannotBeDeleted_IsDisabledAndCanBeEnabledOrDeletedAgain()
    {
        using var browser = await AdminAccount.SignInAsync(platform, Cancellation, AdministratorRoles.ApplicationManager);
        var application = await platform.CreateApplicationAsync(_ => { }, Cancellation);
        await platform.IssueAsync(application, "user", Cancellation);
        await using var keys = await platform.OpenKeysDatabaseAsync(Cancellation);
        await using (var transaction = await keys.Database.BeginTransactionAsync(Cancellation))
        {
            // The Key Manager waits for whoever changes these keys, longer than the page does.
            await keys.Database.ExecuteSqlAsync($"SELECT pg_advisory_xact_lock(hashtextextended('signing_keys:' || {application.ClientId}, 0))", Cancellation);

            var page = await DeleteAsync(browser, application);

            Assert.Equal(HttpStatusCode.ServiceUnavailable, page.Status);
            Assert.Contains("delete it again in a moment", page.Text, StringComparison.Ordinal);
        }

        Assert.True(await keys.SigningKeys.AnyAsync(k => k.ClientId == application.ClientId, Cancellation));
        await using var database = await platform.OpenAuthDatabaseAsync(Cancellation);
        var row = await database.Applications.AsNoTracking().SingleAsync(a => a.ClientId == application.ClientId, Cancellation);
        Assert.Equal((false, 0), (row.Enabled, await database.Sessions.CountAsync(s => s.ApplicationId == row.Id, Cancellation)));

        Assert.Equal(HttpStatusCode.Found, (await EnableAsync(browser, application)).Status);
        await ServesAsync(application);
        Assert.Equal("/admin/applications", (await DeleteAsync(browser, application)).Location);
    }

    [Fact]
    public async Task Application_WhoseKeysAreGone_GetsNewOnesWhenItIsEnabled()
    {
        using var browser = await AdminAccount.SignInAsync(platform, Cancellation, AdministratorRoles.ApplicationManager);
        var application = await platform.CreateApplicationAsync(a => a.Enabled = false, Cancellation);
        using var keyManager = platform.CreateKeyManagerClient();
        using var deleted = await keyManager.DeleteAsync($"/internal/applications/{application.ClientId}", Cancellation);
        deleted.EnsureSuccessStatusCode();

        Assert.Equal(HttpStatusCode.Found, (await EnableAsync(browser, application)).Status);

        await ServesAsync(application);
    }

    [Fact]
    public async Task Application_OfMoreSessionsThanAreCounted_IsDeletedStepByStep()
    {
        using var browser = await AdminAccount.SignInAsync(platform, Cancellation, AdministratorRoles.ApplicationManager);
        var application = await platform.CreateApplicationAsync(_ => { }, Cancellation);
        var kid = (await platform.IssueAsync(application, "user", Cancellation)).Text("kid");
        await using var database = await platform.OpenAuthDatabaseAsync(Cancellation);
        await database.AddSessionsAsync(application, kid, Cancellation);

        foreach (var counting in new[] { "delete", "keys/rotate", $"keys/{kid}/revoke" })
        {
            Assert.Contains("more than 10000", (await browser.GetAsync($"/admin/applications/{application.ClientId}/{counting}", Cancellation)).Text, StringComparison.Ordinal);
        }

        var page = await DeleteAsync(browser, application);
        Assert.Equal(Address(application) + "/delete", page.ContinuesAt());
        Assert.False(await database.Applications.Where(a => a.ClientId == application.ClientId).Select(a => a.Enabled).SingleAsync(Cancellation));
        var ended = 0;
        while (page.Location is null)
        {
            var before = ended;
            ended = int.Parse(Regex.Match(page.Text, @"Ended so far: (\d+)\. Left: (?:more than )?\d+\.").Groups[1].Value, CultureInfo.InvariantCulture);
            Assert.InRange(ended, before + 1, 20_001);
            page = await browser.SubmitAsync(page, page.ContinuesAt(), Cancellation, ("Typed", application.ClientId), ("ended", ended.ToString(CultureInfo.InvariantCulture)));
        }

        Assert.Equal("/admin/applications", page.Location);
        Assert.Equal(20_001, await database.AuditEvents.Where(e => e.ClientId == application.ClientId && e.Kind == AuditKinds.SessionsEnded).SumAsync(e => e.Count, Cancellation));
        Assert.Equal(20_001, await database.AuditEvents.CountAsync(e => e.ClientId == application.ClientId && e.Kind == AuditKinds.Revoked && e.Actor != null, Cancellation));
    }

    /// <summary>The page goes on by itself: it must not disable what somebody else has enabled.</summary>
    [Fact]
    public async Task Deletion_OfWhatWasEnabledMeanwhile_Stops()
    {
        using var browser = await AdminAccount.SignInAsync(platform, Cancellation, AdministratorRoles.ApplicationManager);
        var application = await platform.CreateApplicationAsync(_ => { }, Cancellation);
        var token = (await platform.IssueAsync(application, "user", Cancellation)).Text("access_token");

        var page = await browser.FillAsync(Address(application) + "/delete", Cancellation, ("Typed", application.ClientId), ("ended", "20000"));

        Assert.Equal(HttpStatusCode.Conflict, page.Status);
        Assert.Contains("enabled it meanwhile", page.Text, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.OK, (await platform.VerifyAsync(application, token, Cancellation)).Status);
    }

    /// <summary>Reading, ending and counting may each take the database ten seconds, the last step a minute, and the Key Manager five: until then somebody waits for what the page says.</summary>
    [Fact]
    public void Deletion_OfManySessions_IsWaitedForByTheGateway()
    {
        var gateway = Path.GetDirectoryName(new Projects.AuthPlatform_Gateway().ProjectPath)!;
        var settings = JsonElement.Parse(File.ReadAllText(Path.Combine(gateway, "appsettings.json")));
        var patience = settings.GetProperty("ReverseProxy").GetProperty("Clusters").GetProperty("admin-web").GetProperty("HttpRequest").Text("ActivityTimeout");

        Assert.InRange(TimeSpan.Parse(patience, CultureInfo.InvariantCulture), TimeSpan.FromSeconds(95), TimeSpan.FromMinutes(5));
    }

    private Task ServesAsync(TestApplication application) => Eventually.TrueAsync(async () => await StatusAsync(application) == HttpStatusCode.OK, Cancellation);

    private async Task<HttpStatusCode> StatusAsync(TestApplication application) =>
        (await platform.SendSignedAsync(application, "/auth/token", () => SignedRequests.TokenBody(SignedRequests.NewUser()), Cancellation)).Status;
}
