using System.Net;
using AuthPlatform.Data.Admin;
using AuthPlatform.IntegrationTests.Infrastructure;
using Microsoft.EntityFrameworkCore;
using static AuthPlatform.IntegrationTests.Admin.ApplicationForms;

namespace AuthPlatform.IntegrationTests.Admin;

/// <summary>Who is faster than a deletion, or waits for it.</summary>
public sealed class DeletionRaceTests(AuthPlatformFixture platform)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Application_EnabledWhileItsSessionsEnd_KeepsItsKeys()
    {
        using var browser = await AdminAccount.SignInAsync(platform, Cancellation, AdministratorRoles.ApplicationManager);
        var application = await platform.CreateApplicationAsync(_ => { }, Cancellation);
        var session = Guid.Parse((await platform.IssueAsync(application, "user", Cancellation)).Text("session_id"));
        var before = await KeysOfAsync(application);
        await using var database = await platform.OpenAuthDatabaseAsync(Cancellation);
        Task<AdminPage> deletion;
        await using (var transaction = await database.Database.BeginTransactionAsync(Cancellation))
        {
            await database.Database.ExecuteSqlAsync($"SELECT FROM sessions WHERE id = {session} FOR UPDATE", Cancellation);
            deletion = DeleteAsync(browser, application);
            await Eventually.TrueAsync(() => database.IsWaitedForAsync(Cancellation), Cancellation);
            Assert.Equal(HttpStatusCode.Found, (await EnableAsync(browser, application)).Status);
        }

        Assert.Equal(HttpStatusCode.Conflict, (await deletion).Status);
        Assert.Equal(before, await KeysOfAsync(application));
    }

    /// <summary>The deletion notices when it comes to the row, and has taken the keys by then.</summary>
    [Fact]
    public async Task Application_EnabledWhileItsKeysAreDeleted_GetsNewOnes()
    {
        using var browser = await AdminAccount.SignInAsync(platform, Cancellation, AdministratorRoles.ApplicationManager);
        var application = await platform.CreateApplicationAsync(a => a.Enabled = false, Cancellation);
        var before = await KeysOfAsync(application);
        await using var database = await platform.OpenAuthDatabaseAsync(Cancellation);
        await using var keys = await platform.OpenKeysDatabaseAsync(Cancellation);
        Task<AdminPage> deletion;
        await using (var transaction = await keys.Database.BeginTransactionAsync(Cancellation))
        {
            await keys.Database.ExecuteSqlAsync($"SELECT pg_advisory_xact_lock(hashtextextended('signing_keys:' || {application.ClientId}, 0))", Cancellation);
            deletion = DeleteAsync(browser, application);
            await Eventually.TrueAsync(() => keys.IsWaitedForAsync(Cancellation), Cancellation);
            await database.Applications.Where(a => a.ClientId == application.ClientId).ExecuteUpdateAsync(set => set.SetProperty(a => a.Enabled, true), Cancellation);
        }

        Assert.Equal(HttpStatusCode.Conflict, (await deletion).Status);
        await Eventually.TrueAsync(async () => (await KeysOfAsync(application)).Except(before).Any(), Cancellation);
    }

    /// <summary>Its keys are gone then, and it says what is left to do.</summary>
    [Fact]
    public async Task Application_WhoseRowSomebodyHolds_CanBeDeletedAgain()
    {
        using var browser = await AdminAccount.SignInAsync(platform, Cancellation, AdministratorRoles.ApplicationManager);
        var application = await platform.CreateApplicationAsync(a => a.Enabled = false, Cancellation);
        await using var database = await platform.OpenAuthDatabaseAsync(Cancellation);
        await using (var transaction = await database.Database.BeginTransactionAsync(Cancellation))
        {
            await database.Database.ExecuteSqlAsync($"SELECT FROM applications WHERE client_id = {application.ClientId} FOR UPDATE", Cancellation);

            var page = await DeleteAsync(browser, application);

            Assert.Equal(HttpStatusCode.ServiceUnavailable, page.Status);
            Assert.Contains("delete it again in a moment", page.Text, StringComparison.Ordinal);
        }

        Assert.Equal("/admin/applications", (await DeleteAsync(browser, application)).Location);
    }

    /// <summary>The statement that starts sessions has those of all applications: one that waits for a row holds up them all.</summary>
    [Fact]
    public async Task Deletion_ThatWaits_HoldsUpNoSignIn()
    {
        using var browser = await AdminAccount.SignInAsync(platform, Cancellation, AdministratorRoles.ApplicationManager);
        var (application, other) = (await platform.CreateApplicationAsync(_ => { }, Cancellation), await platform.CreateApplicationAsync(_ => { }, Cancellation));
        var session = Guid.Parse((await platform.IssueAsync(application, SignedRequests.NewUser(), Cancellation)).Text("session_id"));
        // What is done for the first time may take longer than the ten seconds for which the deletion waits.
        await platform.IssueAsync(other, SignedRequests.NewUser(), Cancellation);
        await using var database = await platform.OpenAuthDatabaseAsync(Cancellation);
        Task<AdminPage> deletion;
        await using (var transaction = await database.Database.BeginTransactionAsync(Cancellation))
        {
            await database.Database.ExecuteSqlAsync($"SELECT FROM sessions WHERE id = {session} FOR UPDATE", Cancellation);
            deletion = DeleteAsync(browser, application);
            await Eventually.TrueAsync(() => database.IsWaitedForAsync(Cancellation), Cancellation);

            await Eventually.TrueAsync(async () => await SignInAsync(application) == HttpStatusCode.Unauthorized, Cancellation);
            Assert.False(deletion.IsCompleted);
            Assert.Equal(HttpStatusCode.OK, await SignInAsync(other));
            Assert.False(deletion.IsCompleted);
        }

        Assert.Equal("/admin/applications", (await deletion).Location);

        // Whoever is held up comes in when the deletion has been given up, and is too late.
        Task<HttpStatusCode> SignInAsync(TestApplication of) => StatusAsync(of).WaitAsync(TimeSpan.FromMinutes(1), Cancellation);
    }

    private async Task<List<string>> KeysOfAsync(TestApplication application)
    {
        await using var keys = await platform.OpenKeysDatabaseAsync(Cancellation);
        return await keys.SigningKeys.Where(k => k.ClientId == application.ClientId).Select(k => k.Kid).Order().ToListAsync(Cancellation);
    }

    private async Task<HttpStatusCode> StatusAsync(TestApplication application) =>
        (await platform.SendSignedAsync(application, "/auth/token", () => SignedRequests.TokenBody(SignedRequests.NewUser()), Cancellation)).Status;
}
