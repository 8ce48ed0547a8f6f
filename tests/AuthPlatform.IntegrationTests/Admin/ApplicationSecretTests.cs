using System.Net;
using System.Text.RegularExpressions;
using AuthPlatform.Data.Admin;
using AuthPlatform.Data.Auth;
using AuthPlatform.IntegrationTests.Infrastructure;
using Microsoft.EntityFrameworkCore;
using static AuthPlatform.IntegrationTests.Admin.ApplicationForms;

namespace AuthPlatform.IntegrationTests.Admin;

/// <summary>How an application gets its secrets, and another one without a pause.</summary>
public sealed class ApplicationSecretTests(AuthPlatformFixture platform)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task New_WithAName_ShowsASecretOnceThatGetsATokenAtOnce()
    {
        using var browser = await AdminAccount.SignInAsync(platform, Cancellation, AdministratorRoles.ApplicationManager);

        var made = await browser.FillAsync("/admin/new-application", Cancellation, ("Name", "A shop"));
        var created = Shown(made);
        var token = await platform.IssueAsync(created, "user", Cancellation);

        Assert.Equal(created.ClientId, (await platform.VerifyAsync(created, token.Text("access_token"), Cancellation)).Body.Text("client_id"));
        Assert.Contains("no-store", made.Headers["Cache-Control"], StringComparison.Ordinal);
        foreach (var page in new[] { "", "/secrets", "/keys", "/owners", "/delete" })
        {
            Assert.DoesNotContain(created.Secret, (await browser.GetAsync($"/admin/applications/{created.ClientId}{page}", Cancellation)).Html, StringComparison.Ordinal);
        }

        await using var database = await platform.OpenAuthDatabaseAsync(Cancellation);
        var written = await database.AuditEvents.SingleAsync(e => e.ClientId == created.ClientId && e.Kind == AuditKinds.ApplicationCreated, Cancellation);
        Assert.StartsWith("admin-", written.Actor, StringComparison.Ordinal);
        Assert.NotNull(written.Address);
    }

    [Fact]
    public async Task Secret_AddedAndTheFirstEnded_ReplacesItWithoutAPause()
    {
        using var browser = await AdminAccount.SignInAsync(platform, Cancellation, AdministratorRoles.ApplicationManager);
        var application = await platform.CreateApplicationAsync(_ => { }, Cancellation);
        var secrets = Address(application) + "/secrets";

        var second = Shown(await browser.SubmitAsync(await browser.GetAsync(secrets, Cancellation), secrets + "?handler=Add", Cancellation));
        var third = await browser.SubmitAsync(await browser.GetAsync(secrets, Cancellation), secrets + "?handler=Add", Cancellation);
        Assert.Contains("Both places are taken", third.Text, StringComparison.Ordinal);
        await platform.IssueAsync(application, "user", Cancellation);
        await platform.IssueAsync(second, "user", Cancellation);

        var form = await browser.GetAsync(secrets, Cancellation);
        var first = Regex.Match(form.Html, """name="secret" value="([^"]+)""").Groups[1].Value;
        var ended = await browser.SubmitAsync(form, secrets + "?handler=End", Cancellation, ("secret", first), ("after", "7d"), ("now", "true"));

        Assert.Equal(HttpStatusCode.Found, ended.Status);
        Assert.Equal(HttpStatusCode.OK, (await platform.SendSignedAsync(second, "/auth/token", () => SignedRequests.TokenBody("user"), Cancellation)).Status);
        // The message to each replica takes a moment.
        await Eventually.TrueAsync(
            async () => (await platform.SendAsync(SignedRequests.V2(application, "/auth/token", SignedRequests.TokenBody("user")), Cancellation)).Status == HttpStatusCode.Unauthorized,
            Eventually.ByMessage,
            Cancellation);
    }
}
