using System.Net;
using AuthPlatform.Data.Admin;
using AuthPlatform.IntegrationTests.Infrastructure;
using Microsoft.EntityFrameworkCore;

namespace AuthPlatform.IntegrationTests.Admin;

/// <summary>What the pages do while a part of their database does not answer, or takes nothing.</summary>
[Collection<SeparateAdminWeb.Tests>]
public sealed class PartialOutageTests(SeparateAdminWeb adminWeb)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Searches_ThatTakeAllTheirTime_HoldUpNobodyWhoSignsIn()
    {
        const int Searches = 4;
        var account = await adminWeb.CreateAccountAsync(Cancellation, AdministratorRoles.Auditor);
        using var browser = adminWeb.OpenBrowser();
        await account.SignInAsync(browser, Cancellation);
        using var other = adminWeb.OpenBrowser();
        await using var database = await adminWeb.OpenDatabaseAsync(Cancellation);
        await using var transaction = await database.Database.BeginTransactionAsync(Cancellation);
        await database.Database.ExecuteSqlAsync($"LOCK TABLE sessions IN ACCESS EXCLUSIVE MODE", Cancellation);
        var searches = Enumerable.Range(0, Searches).Select(_ => browser.GetAsync("/admin/sessions", Cancellation)).ToList();
        await Eventually.TrueAsync(async () => searches.Exists(search => search.IsCompleted) || await database.CountWaitingAsync(Cancellation) == Searches, Cancellation);

        using var ready = await adminWeb.Http.GetAsync(new Uri("/health/ready", UriKind.Relative), Cancellation);
        var signedIn = await account.EnterPasswordAsync(other, AdminAccount.Password, Cancellation);

        Assert.Equal(HttpStatusCode.OK, ready.StatusCode);
        Assert.Equal("/admin/sign-in/code", signedIn.Location);
        await transaction.RollbackAsync(Cancellation);
        Assert.All(await Task.WhenAll(searches), page => Assert.Equal(HttpStatusCode.OK, page.Status));
    }

    /// <summary>Once a file has begun, nobody can be told that it is none.</summary>
    [Fact]
    public async Task Download_WhoseFirstEventsCannotBeRead_IsNoFile()
    {
        var account = await adminWeb.CreateAccountAsync(Cancellation, AdministratorRoles.Auditor);
        using var browser = adminWeb.OpenBrowser();
        await account.SignInAsync(browser, Cancellation);
        await using var database = await adminWeb.OpenDatabaseAsync(Cancellation);
        await database.Database.ExecuteSqlAsync($"CREATE TABLE audit_events_200001 PARTITION OF audit_events FOR VALUES FROM ('2000-01-01') TO ('2000-02-01')", Cancellation);
        await using var transaction = await database.Database.BeginTransactionAsync(Cancellation);
        // Whoever reads all months waits for this one; whoever writes down that somebody downloads them does not.
        await database.Database.ExecuteSqlAsync($"LOCK TABLE audit_events_200001 IN ACCESS EXCLUSIVE MODE", Cancellation);

        var pages = await Task.WhenAll(browser.GetAsync("/admin/audit?handler=csv", Cancellation), browser.GetAsync("/admin/audit?handler=json", Cancellation));

        Assert.All(pages, page => Assert.Equal(HttpStatusCode.ServiceUnavailable, page.Status));
        Assert.All(pages, page => Assert.Contains("Nothing was changed", page.Text, StringComparison.Ordinal));
    }

    /// <summary>Nobody's sessions end without a word of who ended them.</summary>
    [Theory]
    [InlineData("End")]
    [InlineData("EndOthers")]
    public async Task End_ThatCannotBeWrittenDown_IsNone(string handler)
    {
        var account = await adminWeb.CreateAccountAsync(Cancellation);
        using var elsewhere = adminWeb.OpenBrowser();
        await account.SignInAsync(elsewhere, Cancellation);
        await using var database = await adminWeb.OpenDatabaseAsync(Cancellation);
        var session = await database.AdministratorSessions.Where(s => s.AdministratorId == account.Id).Select(s => s.Id).SingleAsync(Cancellation);
        using var browser = adminWeb.OpenBrowser();
        await account.SignInAsync(browser, Cancellation);
        var form = await browser.GetAsync("/admin/account", Cancellation);

        var page = await WithoutAuditAsync(() => browser.SubmitAsync(form, $"/admin/account?handler={handler}", Cancellation, ("id", session.ToString())));

        Assert.Equal(HttpStatusCode.ServiceUnavailable, page.Status);
        Assert.Contains("before you repeat it", page.Text, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.OK, (await elsewhere.GetAsync("/admin/account", Cancellation)).Status);
    }

    [Fact]
    public async Task Proof_WhoseSessionCannotBegin_LeavesTheOneBefore()
    {
        const string Path = "/admin/account/confirm";
        var account = await adminWeb.CreateAccountAsync(Cancellation);
        using var browser = adminWeb.OpenBrowser();
        await account.SignInAsync(browser, Cancellation);
        var form = await browser.GetAsync(Path, Cancellation);

        var page = await WithoutAuditAsync(() => browser.SubmitAsync(form, Path, Cancellation, ("Code", account.NextCode())));

        Assert.Equal(HttpStatusCode.ServiceUnavailable, page.Status);
        Assert.Equal(HttpStatusCode.OK, (await browser.GetAsync("/admin/account", Cancellation)).Status);
    }

    private async Task<AdminPage> WithoutAuditAsync(Func<Task<AdminPage>> act)
    {
        await using var database = await adminWeb.OpenDatabaseAsync(Cancellation);
        await database.Database.ExecuteSqlRawAsync(
            """
            CREATE FUNCTION no_room() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'no space left on device' USING ERRCODE = '53100'; END $$;
            CREATE TRIGGER tr_no_room BEFORE INSERT ON audit_events FOR EACH STATEMENT EXECUTE FUNCTION no_room();
            """,
            Cancellation);
        try
        {
            return await act();
        }
        finally
        {
            await database.Database.ExecuteSqlRawAsync("DROP FUNCTION no_room CASCADE", Cancellation);
        }
    }
}
