using System.Net;
using System.Text.Json;
using AuthPlatform.Data.Admin;
using AuthPlatform.Data.Auth;
using AuthPlatform.IntegrationTests.Admin;
using AuthPlatform.IntegrationTests.Infrastructure;
using Microsoft.EntityFrameworkCore;

namespace AuthPlatform.IntegrationTests.Cli;

public sealed class AdminsCommandTests(AuthPlatformFixture platform)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>Nobody else could do it, and nobody else could approve them.</summary>
    [Fact]
    public async Task Reset_OfWhoLostEverything_EndsWhatTheyHadAndLetsThemInByItsLink()
    {
        var lost = await AdminAccount.CreateAsync(platform, Cancellation, AdministratorRoles.Administrator);
        using var passkey = await SoftwarePasskey.CreateAsync(platform, lost, Cancellation);
        using var before = await AdminBrowser.OpenAsync(platform, Cancellation);
        await lost.SignInAsync(before, Cancellation);
        string[] reset = ["admins", "reset", lost.UserName.ToUpperInvariant(), "--public-url", platform.Gateway.BaseAddress!.ToString()];
        Assert.Contains("Say --yes", (await RunAsync(2, reset)).Error, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.OK, (await before.GetAsync("/admin/account", Cancellation)).Status);

        var link = new Uri(JsonElement.Parse((await RunAsync(0, [.. reset, "--yes", "--json"])).Output).Text("link"));

        Assert.StartsWith("/admin/sign-in", (await before.GetAsync("/admin/account", Cancellation)).Location, StringComparison.Ordinal);
        await using var database = await platform.OpenAuthDatabaseAsync(Cancellation);
        var person = await database.Administrators.Include(a => a.Passkeys).SingleAsync(a => a.Id == lost.Id, Cancellation);
        Assert.Equal((null, null, 0, 0), (person.PasswordHash, person.TotpSecretEncrypted, person.RecoveryCodeHashes.Length, person.Passkeys.Count));
        var events = await database.AuditEvents
            .Where(e => EF.Functions.JsonContains(e.Details!, $$"""{"user":"{{lost.UserName}}"}"""))
            .Select(e => new { e.Kind, e.Actor })
            .ToListAsync(Cancellation);
        Assert.Equal([AuditKinds.UserApproved, AuditKinds.UserFactorReset], events.Select(e => e.Kind).Order(StringComparer.Ordinal));
        Assert.All(events, e => Assert.StartsWith("cli:", e.Actor, StringComparison.Ordinal));

        using var browser = await AdminBrowser.OpenAsync(platform, Cancellation);
        var form = await browser.GetAsync(link.PathAndQuery, Cancellation);
        var chosen = await browser.SubmitAsync(
            form, "/admin/setup", Cancellation, ("Token", link.Query["?token=".Length..]), ("Password", AdminAccount.Password), ("Again", AdminAccount.Password));
        Assert.Equal("/admin/account/authenticator", chosen.Location);
        var people = JsonElement.Parse((await RunAsync(0, "admins", "list", "--json")).Output);
        Assert.Equal("active", Assert.Single(people.EnumerateArray(), a => a.Text("user_name") == lost.UserName).Text("state"));
    }

    [Theory]
    [InlineData(1, "There is nobody called 'nobody at all'", "nobody at all", "--public-url", "https://auth.example.com", "--yes")]
    [InlineData(2, "Say where the link leads", "nobody at all", "--yes")]
    [InlineData(2, "Say where the link leads", "nobody at all", "--public-url", "https://auth.example.com/admin", "--yes")]
    [InlineData(2, "Say where the link leads", "nobody at all", "--public-url", "auth.example.com", "--yes")]
    public async Task Reset_ThatCannotBeDone_SaysWhy(int expected, string says, params string[] arguments) =>
        Assert.Contains(says, (await RunAsync(expected, ["admins", "reset", .. arguments])).Error, StringComparison.Ordinal);

    private async Task<(string Output, string Error)> RunAsync(int expected, params string[] arguments)
    {
        var (exitCode, output, error) = await OperatorCli.RunAsync(await platform.OperatorEnvironmentAsync(Cancellation), Cancellation, arguments);
        Assert.True(exitCode == expected, output + error);
        return (output, error);
    }
}
