using System.Globalization;
using System.Net;
using System.Text.RegularExpressions;
using AuthPlatform.Data.Admin;
using AuthPlatform.Data.Auth;
using AuthPlatform.IntegrationTests.Infrastructure;
using Microsoft.EntityFrameworkCore;

namespace AuthPlatform.IntegrationTests.Admin;

/// <summary>Two who change one application at once, and those who do not wait for the answer.</summary>
public sealed class ConcurrentChangeTests(AuthPlatformFixture platform)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Secret_InThePlaceOfAnother_IsNotEndedByAFormFromBefore()
    {
        using var browser = await AdminAccount.SignInAsync(platform, Cancellation, AdministratorRoles.ApplicationManager);
        var application = await platform.CreateApplicationAsync(_ => { }, Cancellation);
        await platform.AddSecretAsync(application, Cancellation);
        var secrets = Address(application) + "/secrets";
        var form = await browser.GetAsync(secrets, Cancellation);
        var field = Regex.Match(form.Html, """<input type="hidden" name="(secret|slot)" value="([^"]+)""");
        var first = (field.Groups[1].Value, field.Groups[2].Value);

        Assert.Equal(HttpStatusCode.Found, (await browser.SubmitAsync(form, secrets + "?handler=End", Cancellation, first, ("now", "true"))).Status);
        Assert.Equal(HttpStatusCode.OK, (await browser.SubmitAsync(form, secrets + "?handler=Add", Cancellation)).Status);
        var late = await browser.SubmitAsync(form, secrets + "?handler=End", Cancellation, first, ("now", "true"));

        Assert.Equal(HttpStatusCode.Conflict, late.Status);
        Assert.Contains("another one has taken its place", late.Text, StringComparison.Ordinal);
        await using var database = await platform.OpenAuthDatabaseAsync(Cancellation);
        var row = await database.Applications.Include(a => a.Secrets).SingleAsync(a => a.ClientId == application.ClientId, Cancellation);
        Assert.Equal(2, row.Secrets.Count);
        Assert.All(row.Secrets, secret => Assert.Null(secret.ExpiresAt));
    }

    [Fact]
    public async Task KeySettings_ChangedByTwoAtOnce_AreNotOverwritten()
    {
        using var browser = await AdminAccount.SignInAsync(platform, Cancellation, AdministratorRoles.ApplicationManager);
        var application = await platform.CreateApplicationAsync(_ => { }, Cancellation);
        var address = Address(application) + "/keys";
        var form = await browser.GetAsync(address, Cancellation);
        var shown = Regex.Match(form.Html, """<input(?=[^>]* name="Shown")[^>]* value="([^"]*)""").Groups[1].Value;

        var answers = new[] { await SaveAsync("60d"), await SaveAsync("70d") };

        Assert.Equal([HttpStatusCode.Found, HttpStatusCode.Conflict], answers.Select(page => page.Status));
        Assert.Contains("Somebody else has changed this application", answers[1].Text, StringComparison.Ordinal);
        await using var keys = await platform.OpenKeysDatabaseAsync(Cancellation);
        Assert.Equal(60 * 86_400, (await keys.KeyApplications.SingleAsync(a => a.ClientId == application.ClientId, Cancellation)).RotateEverySeconds);

        Task<AdminPage> SaveAsync(string rotate) => browser.SubmitAsync(
            form, address, Cancellation, ("Shown", shown), ("Input.KeySize", "2048"), ("Input.RotateEvery", rotate), ("Input.Announce", "14d"), ("Input.Retain", "14d"));
    }

    [Fact]
    public async Task Owner_AddedAndRemovedBySeveralAtOnce_IsAddedAndRemovedOnce()
    {
        const int Rounds = 3;
        var application = await platform.CreateApplicationAsync(_ => { }, Cancellation);
        var person = await AdminAccount.CreateAsync(platform, Cancellation);
        var owners = Address(application) + "/owners";
        var browsers = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => AdminAccount.SignInAsync(platform, Cancellation, AdministratorRoles.ApplicationManager)));
        var forms = await Task.WhenAll(browsers.Select(browser => browser.GetAsync(owners, Cancellation)));

        for (var round = 0; round < Rounds; round++)
        {
            await PressAsync("Add", ("UserName", person.UserName));
            await PressAsync("Remove", ("id", person.Id.ToString()));
        }

        await using var database = await platform.OpenAuthDatabaseAsync(Cancellation);
        foreach (var kind in new[] { AuditKinds.OwnerAdded, AuditKinds.OwnerRemoved })
        {
            Assert.Equal((kind, Rounds), (kind, await database.AuditEvents.CountAsync(e => e.ClientId == application.ClientId && e.Kind == kind, Cancellation)));
        }

        Array.ForEach(browsers, browser => browser.Dispose());

        async Task PressAsync(string handler, (string Name, string Value) field)
        {
            var pages = await Task.WhenAll(browsers.Zip(forms, (browser, form) => browser.SubmitAsync(form, $"{owners}?handler={handler}", Cancellation, field)));
            Assert.All(pages, page => Assert.Equal((handler, HttpStatusCode.Found), (handler, page.Status)));
        }
    }

    /// <summary>By then the Key Manager may have done it, and only the page writes down who asked.</summary>
    [Theory]
    [InlineData("keys/rotate", AuditKinds.KeyRotated)]
    [InlineData("keys/{0}/revoke", AuditKinds.KeyRevoked)]
    public async Task Key_ChangedByWhoeverHangsUp_IsInTheAudit(string page, string kind)
    {
        using var browser = await AdminAccount.SignInAsync(platform, Cancellation, AdministratorRoles.ApplicationManager);
        var application = await platform.CreateApplicationAsync(_ => { }, Cancellation);
        var kid = (await platform.IssueAsync(application, SignedRequests.NewUser(), Cancellation)).Text("kid");
        var address = $"{Address(application)}/{string.Format(CultureInfo.InvariantCulture, page, kid)}";
        var form = await browser.GetAsync(address, Cancellation);
        await using var keys = await platform.OpenKeysDatabaseAsync(Cancellation);
        await using (var transaction = await keys.Database.BeginTransactionAsync(Cancellation))
        {
            // The Key Manager waits for this lock before it changes anything.
            await keys.Database.ExecuteSqlAsync($"SELECT pg_advisory_xact_lock(hashtextextended('signing_keys:' || {application.ClientId}, 0))", Cancellation);
            using var hangsUp = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
            var pressed = browser.SubmitAsync(form, address, hangsUp.Token, ("Typed", kid), ("RequestId", SignedRequests.Nonce()[..20]));
            await Eventually.TrueAsync(() => keys.IsWaitedForAsync(Cancellation), Cancellation);
            await hangsUp.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => pressed);
            // Time enough to notice, and not much: the page waits five seconds for the Key Manager.
            await browser.GetAsync("/admin/icon.svg", Cancellation);
        }

        await using var database = await platform.OpenAuthDatabaseAsync(Cancellation);
        await Eventually.TrueAsync(() => database.AuditEvents.AnyAsync(e => e.ClientId == application.ClientId && e.Kind == kind && e.Actor != null, Cancellation), Cancellation);
    }

    private static string Address(TestApplication application) => $"/admin/applications/{application.ClientId}";
}
