using System.Net;
using AuthPlatform.Data.Admin;
using AuthPlatform.IntegrationTests.Infrastructure;
using Microsoft.EntityFrameworkCore;

namespace AuthPlatform.IntegrationTests.Admin;

/// <summary>What is somebody else's cannot be read or changed by naming it.</summary>
public sealed class OwnershipTests(AuthPlatformFixture platform)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Handler_OfAnotherOwnersApplication_FindsNothingAndChangesNothing()
    {
        using var people = await AdminPeople.SignInAsync(platform, Cancellation);
        var owner = people["owner"];
        var theirs = await platform.CreateApplicationAsync(a => a.Name = "Somebody else's", Cancellation);
        await platform.IssueAsync(theirs, SignedRequests.NewUser(), Cancellation);
        var (kid, secret, before) = (await KeyAsync(theirs), await SecretAsync(theirs), await StateAsync(theirs));
        var form = await owner.GetAsync("/admin/account", Cancellation);
        (string, string)[] fields =
        [
            ("Input.Name", "Mine"), ("secret", secret), ("now", "true"), ("Typed", theirs.ClientId), ("Typed", kid), ("RequestId", "1"), ("KeepMinutes", "0"), ("Input.KeySize", "4096"), ("UserName", "anybody"),
            ("id", Guid.Empty.ToString()), ("clientId", people.Owned.ClientId), ("MayChange", "true"),
        ];

        foreach (var page in AdminPages.All.Where(p => p.Route.Contains("{clientId}", StringComparison.Ordinal)))
        {
            var address = "/admin" + page.Route.Replace("{clientId}", theirs.ClientId, StringComparison.Ordinal).Replace("{kid}", kid, StringComparison.Ordinal);
            foreach (var handler in page.Gets)
            {
                var answer = await owner.GetAsync($"{address}?handler={handler}&kid={kid}&format=pem", Cancellation);
                Assert.Contains(answer.Status, new[] { HttpStatusCode.NotFound, HttpStatusCode.Forbidden });
                Assert.DoesNotContain("Somebody else", answer.Text, StringComparison.Ordinal);
            }

            foreach (var handler in page.Posts)
            {
                Assert.Contains((await owner.SubmitAsync(form, $"{address}?handler={handler}", Cancellation, fields)).Status, new[] { HttpStatusCode.NotFound, HttpStatusCode.Forbidden });
            }
        }

        Assert.Equal(before, await StateAsync(theirs));
    }

    [Fact]
    public async Task Key_OfAnotherApplication_IsNoneOfOnesOwn()
    {
        using var people = await AdminPeople.SignInAsync(platform, Cancellation);
        var (owner, mine) = (people["owner"], $"/admin/applications/{people.Owned.ClientId}");
        var theirs = await platform.CreateApplicationAsync(_ => { }, Cancellation);
        await platform.IssueAsync(theirs, "their user", Cancellation);
        var (kid, before) = (await KeyAsync(theirs), await StateAsync(theirs));
        var form = await owner.GetAsync(mine + "/keys", Cancellation);

        Assert.Equal(HttpStatusCode.NotFound, (await owner.GetAsync($"{mine}/keys?handler=Public&kid={kid}&format=pem", Cancellation)).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await owner.GetAsync($"{mine}/keys/{kid}/revoke", Cancellation)).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await owner.SubmitAsync(form, $"{mine}/keys/{kid}/revoke", Cancellation, ("Typed", kid))).Status);
        foreach (var search in new[] { $"app={theirs.ClientId}&key={kid}", $"app={people.Owned.ClientId}&key={kid}" })
        {
            Assert.Contains("Nothing fits", (await owner.GetAsync("/admin/sessions?" + search, Cancellation)).Text, StringComparison.Ordinal);
            await owner.SubmitAsync(form, "/admin/sessions/end?" + search, Cancellation);
        }

        Assert.Equal(before, await StateAsync(theirs));
    }

    [Fact]
    public async Task SignIn_OfSomebodyElse_CannotBeTouched()
    {
        var victim = await AdminAccount.CreateAsync(platform, Cancellation);
        using var passkey = await SoftwarePasskey.CreateAsync(platform, victim, Cancellation);
        using var browser = await AdminAccount.SignInAsync(platform, Cancellation, AdministratorRoles.Administrator);
        var form = await browser.GetAsync("/admin/account/passkeys", Cancellation);

        Assert.Equal(HttpStatusCode.NotFound, (await browser.SubmitAsync(form, "/admin/account/passkeys?handler=Remove", Cancellation, ("id", Convert.ToBase64String(passkey.Id)), ("AdministratorId", victim.Id.ToString()))).Status);
        await using var database = await platform.OpenAuthDatabaseAsync(Cancellation);
        Assert.True(await database.AdministratorPasskeys.AnyAsync(p => p.AdministratorId == victim.Id, Cancellation));
    }

    private async Task<string> KeyAsync(TestApplication application)
    {
        await using var keys = await platform.OpenKeysDatabaseAsync(Cancellation);
        return await keys.SigningKeys.Where(k => k.ClientId == application.ClientId).OrderBy(k => k.ActivatedAt == null).Select(k => k.Kid).FirstAsync(Cancellation);
    }

    private async Task<string> SecretAsync(TestApplication application)
    {
        await using var database = await platform.OpenAuthDatabaseAsync(Cancellation);
        var row = await database.Applications.Include(a => a.Secrets).SingleAsync(a => a.ClientId == application.ClientId, Cancellation);
        return row.Secrets.Single().Id.ToString();
    }

    /// <summary>All that a form could change of an application, and that somebody did.</summary>
    private async Task<string> StateAsync(TestApplication application)
    {
        await using var database = await platform.OpenAuthDatabaseAsync(Cancellation);
        await using var keys = await platform.OpenKeysDatabaseAsync(Cancellation);
        var row = await database.Applications.Include(a => a.Secrets).SingleAsync(a => a.ClientId == application.ClientId, Cancellation);
        var owners = await database.ApplicationOwners.CountAsync(o => o.ApplicationId == row.Id, Cancellation);
        var sessions = await database.Sessions.CountAsync(s => s.ApplicationId == row.Id, Cancellation);
        var acts = await database.AuditEvents.CountAsync(e => e.ClientId == application.ClientId && e.Actor != null, Cancellation);
        var secrets = string.Join(' ', row.Secrets.Select(s => $"{s.Slot} {s.ExpiresAt}"));
        var published = await keys.SigningKeys.Where(k => k.ClientId == application.ClientId).OrderBy(k => k.Kid).Select(k => $"{k.Kid} {k.ActivatedAt} {k.RevokedAt}").ToListAsync(Cancellation);
        return $"{row.Version} {row.Name} {row.Enabled}; {secrets}; {owners} owners, {sessions} sessions, {acts} acts; {string.Join(' ', published)}";
    }
}
