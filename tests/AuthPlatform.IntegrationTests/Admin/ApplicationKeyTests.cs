using System.Net;
using System.Text.RegularExpressions;
using AuthPlatform.Data.Admin;
using AuthPlatform.Data.Auth;
using AuthPlatform.IntegrationTests.Infrastructure;
using Microsoft.EntityFrameworkCore;
using static AuthPlatform.IntegrationTests.Admin.ApplicationForms;

namespace AuthPlatform.IntegrationTests.Admin;

/// <summary>What the pages do with the keys of an application.</summary>
public sealed class ApplicationKeyTests(AuthPlatformFixture platform)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Key_RotatedAndRevokedByPage_LetsOldTokensLiveAndThenDie()
    {
        using var browser = await AdminAccount.SignInAsync(platform, Cancellation, AdministratorRoles.ApplicationManager);
        var application = await platform.CreateApplicationAsync(_ => { }, Cancellation);
        var issued = await platform.IssueAsync(application, "user", Cancellation);
        var (token, kid) = (issued.Text("access_token"), issued.Text("kid"));

        var preview = await browser.GetAsync(Address(application) + "/keys/rotate", Cancellation);
        Assert.Matches($"<code[^>]*>{kid}</code></td>\\s*<td[^>]*>.*?</td>\\s*<td[^>]*>1</td>\\s*<td[^>]*>1</td>", Regex.Replace(preview.Html, "\\s+", " "));
        var form = Fields(preview);
        Assert.Equal(HttpStatusCode.Found, (await browser.SubmitAsync(preview, Address(application) + "/keys/rotate", Cancellation, form)).Status);
        // Pressed twice, it rotates once.
        Assert.Equal(HttpStatusCode.Found, (await browser.SubmitAsync(preview, Address(application) + "/keys/rotate", Cancellation, form)).Status);
        Assert.Equal(HttpStatusCode.OK, (await platform.VerifyAsync(application, token, Cancellation)).Status);
        await using var keys = await platform.OpenKeysDatabaseAsync(Cancellation);
        Assert.Equal(3, await keys.SigningKeys.CountAsync(k => k.ClientId == application.ClientId, Cancellation));
        await using var database = await platform.OpenAuthDatabaseAsync(Cancellation);
        Assert.Equal(1, await database.AuditEvents.CountAsync(e => e.ClientId == application.ClientId && e.Kind == AuditKinds.KeyRotated, Cancellation));

        var pem = await browser.GetAsync($"{Address(application)}/keys?handler=Public&kid={kid}&format=pem", Cancellation);
        using var rsa = System.Security.Cryptography.RSA.Create();
        rsa.ImportFromPem(pem.Html);
        Assert.Equal(2048, rsa.KeySize);
        Assert.DoesNotContain("PRIVATE", pem.Html, StringComparison.Ordinal);

        var revoke = $"{Address(application)}/keys/{kid}/revoke";
        Assert.Equal(HttpStatusCode.OK, (await browser.FillAsync(revoke, Cancellation, ("Typed", "yes"))).Status);
        Assert.Equal(HttpStatusCode.Found, (await browser.FillAsync(revoke, Cancellation, ("Typed", kid))).Status);
        await Eventually.TrueAsync(async () => (await platform.VerifyAsync(application, token, Cancellation)).Status == HttpStatusCode.Unauthorized, Eventually.ByMessage, Cancellation);
        Assert.Equal(1, await database.AuditEvents.CountAsync(e => e.ClientId == application.ClientId && e.Kind == AuditKinds.KeyRevoked && e.Actor != null, Cancellation));
    }

    [Fact]
    public async Task KeySettings_Changed_AreAuditedAndUnsafeOnesRefused()
    {
        using var browser = await AdminAccount.SignInAsync(platform, Cancellation, AdministratorRoles.ApplicationManager);
        var application = await platform.CreateApplicationAsync(_ => { }, Cancellation);
        var address = Address(application) + "/keys";

        var refused = await SaveAsync("1024", "never");
        Assert.Contains("Write a number and", refused.Text, StringComparison.Ordinal);
        var small = await SaveAsync("1024", "60d");
        Assert.Contains("The Key Manager does not take that", small.Text, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.Found, (await SaveAsync("3072", "60d")).Status);

        await using var database = await platform.OpenAuthDatabaseAsync(Cancellation);
        var written = await database.AuditEvents.SingleAsync(e => e.ClientId == application.ClientId && e.Kind == AuditKinds.ApplicationChanged, Cancellation);
        Assert.Contains("rotate_every_seconds", written.Details, StringComparison.Ordinal);
        Assert.Contains("3072", written.Details, StringComparison.Ordinal);

        async Task<AdminPage> SaveAsync(string size, string rotate)
        {
            var form = await browser.GetAsync(address, Cancellation);
            return await browser.SubmitAsync(form, address, Cancellation, Fields(form, ("Input.KeySize", size), ("Input.RotateEvery", rotate), ("Input.Announce", "14d"), ("Input.Retain", "14d")));
        }
    }
}
