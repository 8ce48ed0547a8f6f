using AuthPlatform.Data.Admin;
using AuthPlatform.IntegrationTests.Infrastructure;

namespace AuthPlatform.IntegrationTests.Admin;

/// <summary>The programs that a page shows with a new secret, where clients reach the platform below another address than its administrators.</summary>
[Collection<SeparateAdminWeb.Tests>]
public sealed class ShownProgramTests(SeparateAdminWeb adminWeb)
{
    private const string Secrets = $"/admin/applications/{FreshDatabases.ClientId}/secrets";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Program_ShownWithASecret_AsksWhereClientsReachThePlatform()
    {
        var account = await adminWeb.CreateAccountAsync(Cancellation, AdministratorRoles.ApplicationManager);
        using var browser = adminWeb.OpenBrowser();
        await account.SignInAsync(browser, Cancellation);

        var made = await browser.SubmitAsync(await browser.GetAsync(Secrets, Cancellation), Secrets + "?handler=Add", Cancellation);

        Assert.Contains($"curl -sS '{SeparateAdminWeb.ClientUrl}/auth/token'", made.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("localhost/auth/token", made.Text, StringComparison.Ordinal);
    }
}
