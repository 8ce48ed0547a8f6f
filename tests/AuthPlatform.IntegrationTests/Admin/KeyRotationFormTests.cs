using System.Net;
using System.Text.Json;
using AuthPlatform.Data.Admin;
using AuthPlatform.Data.Auth;
using AuthPlatform.IntegrationTests.Infrastructure;
using Microsoft.EntityFrameworkCore;
using static AuthPlatform.IntegrationTests.Admin.ApplicationForms;

namespace AuthPlatform.IntegrationTests.Admin;

/// <summary>Whoever rotates keys has been shown what hangs on them.</summary>
public sealed class KeyRotationFormTests(AuthPlatformFixture platform)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>Somebody decides to withdraw a key of which nothing hangs any more; meanwhile another one signs, on which much does.</summary>
    [Fact]
    public async Task Form_FromBeforeAnotherRotation_WithdrawsNoKeyThatItHasNotShown()
    {
        using var browser = await AdminAccount.SignInAsync(platform, Cancellation, AdministratorRoles.ApplicationManager);
        var application = await platform.CreateApplicationAsync(_ => { }, Cancellation);
        var address = Address(application) + "/keys/rotate";
        var (first, second) = (await browser.GetAsync(address, Cancellation), await browser.GetAsync(address, Cancellation));
        Assert.Equal(HttpStatusCode.Found, (await browser.SubmitAsync(first, address, Cancellation, Fields(first))).Status);
        await using var keys = await platform.OpenKeysDatabaseAsync(Cancellation);
        await AgeRotationAsync(application);

        var refused = await browser.SubmitAsync(second, address, Cancellation, Fields(second, ("KeepMinutes", "0")));

        Assert.Equal(HttpStatusCode.Conflict, refused.Status);
        Assert.Contains("Another key signs by now", refused.Text, StringComparison.Ordinal);
        // Nobody has chosen to withdraw the key that is shown now.
        Assert.Contains(("KeepMinutes", ""), Fields(refused));
        Assert.Equal(3, await CountAsync());
        // It shows what there is now, and may be sent again.
        Assert.Equal(HttpStatusCode.Found, (await browser.SubmitAsync(refused, address, Cancellation, Fields(refused, ("KeepMinutes", "0")))).Status);
        Assert.Equal(4, await CountAsync());

        Task<int> CountAsync() => keys.SigningKeys.CountAsync(k => k.ClientId == application.ClientId, Cancellation);
    }

    /// <summary>As long as the same key signs, what was chosen for it is what somebody wants who has to wait.</summary>
    [Fact]
    public async Task Form_RefusedForAnotherReason_KeepsWhatWasChosen()
    {
        using var browser = await AdminAccount.SignInAsync(platform, Cancellation, AdministratorRoles.ApplicationManager);
        var application = await platform.CreateApplicationAsync(_ => { }, Cancellation);
        var address = Address(application) + "/keys/rotate";
        var first = await browser.GetAsync(address, Cancellation);
        Assert.Equal(HttpStatusCode.Found, (await browser.SubmitAsync(first, address, Cancellation, Fields(first))).Status);
        var second = await browser.GetAsync(address, Cancellation);

        var refused = await browser.SubmitAsync(second, address, Cancellation, Fields(second, ("KeepMinutes", "0")));

        // Too soon after the first, whatever it is about.
        Assert.Equal(HttpStatusCode.TooManyRequests, refused.Status);
        Assert.Contains(("KeepMinutes", "0"), Fields(refused));
    }

    /// <summary>In some minutes it would have signed, and the old one stayed; that what the old one signed is refused now is another decision, perhaps somebody else's.</summary>
    [Fact]
    public async Task Withdrawal_BeforeAPromisedRotation_IsInTheAuditOnce()
    {
        using var browser = await AdminAccount.SignInAsync(platform, Cancellation, AdministratorRoles.ApplicationManager);
        var application = await platform.CreateApplicationAsync(_ => { }, Cancellation);
        var address = Address(application) + "/keys/rotate";
        await RotateAsync("");
        // The next key was announced just now, so this one is promised.
        await RotateAsync("");
        var withdrawal = await RotateAsync("0");
        Assert.Equal(HttpStatusCode.Found, (await browser.SubmitAsync(withdrawal, address, Cancellation, Fields(withdrawal, ("KeepMinutes", "0")))).Status);

        await using var database = await platform.OpenAuthDatabaseAsync(Cancellation);
        var written = await database.AuditEvents
            .Where(e => e.ClientId == application.ClientId && e.Kind == AuditKinds.KeyRotated && e.Actor != null)
            .OrderBy(e => e.Id)
            .Select(e => e.Details!)
            .ToListAsync(Cancellation);
        Assert.Equal(3, written.Count);
        var (promised, withdrawn) = (JsonElement.Parse(written[1]), JsonElement.Parse(written[2]));
        Assert.Equal((promised.Text("old_kid"), promised.Text("new_kid")), (withdrawn.Text("old_kid"), withdrawn.Text("new_kid")));
        Assert.NotEqual(promised.Text("effective_at"), promised.Text("old_key_expires_at"));
        Assert.Equal(withdrawn.Text("effective_at"), withdrawn.Text("old_key_expires_at"));

        async Task<AdminPage> RotateAsync(string keepMinutes)
        {
            await AgeRotationAsync(application);
            var form = await browser.GetAsync(address, Cancellation);
            Assert.Equal(HttpStatusCode.Found, (await browser.SubmitAsync(form, address, Cancellation, Fields(form, ("KeepMinutes", keepMinutes)))).Status);
            return form;
        }
    }

    /// <summary>As if the last one was ten minutes ago: so soon after another one, none is carried out whatever it is about.</summary>
    private async Task AgeRotationAsync(TestApplication application)
    {
        await using var keys = await platform.OpenKeysDatabaseAsync(Cancellation);
        await keys.Database.ExecuteSqlAsync($"UPDATE key_applications SET rotated_at = rotated_at - interval '10 minutes' WHERE client_id = {application.ClientId}", Cancellation);
    }
}
