using System.Buffers.Binary;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using AuthPlatform.Data.Admin;
using AuthPlatform.IntegrationTests.Infrastructure;
using Microsoft.EntityFrameworkCore;
using static AuthPlatform.IntegrationTests.Admin.UserForms;

namespace AuthPlatform.IntegrationTests.Admin;

/// <summary>Set-up links: of the first administrator, and of people who were invited.</summary>
public sealed class SetupTests(AuthPlatformFixture platform)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Link_OfAnInvitation_LeadsToACompleteSignInOnce()
    {
        var (account, token) = await InviteAsync(TimeSpan.FromHours(1));
        using var browser = await AdminBrowser.OpenAsync(platform, Cancellation);
        var form = await browser.GetAsync($"/admin/setup?token={token}", Cancellation);
        using var late = await AdminBrowser.OpenAsync(platform, Cancellation);
        var lateForm = await late.GetAsync($"/admin/setup?token={token}", Cancellation);

        var common = await browser.SubmitAsync(form, "/admin/setup", Cancellation, ("Token", token), ("Password", "password1234"), ("Again", "password1234"));
        Assert.Contains("Many people use this password", common.Text, StringComparison.Ordinal);
        var chosen = await ChooseAsync(browser, form, token);
        Assert.Equal("/admin/account/authenticator", chosen.Location);

        // Until there is a second factor, nothing else opens.
        Assert.StartsWith("/admin/account/authenticator", (await browser.GetAsync("/admin/account", Cancellation)).Location, StringComparison.Ordinal);
        var app = await browser.GetAsync("/admin/account/authenticator", Cancellation);
        var secret = Regex.Match(app.Html, "name=\"Secret\" value=\"([^\"]+)\"").Groups[1].Value;
        var wrong = await browser.SubmitAsync(app, "/admin/account/authenticator", Cancellation, ("Secret", secret), ("Code", "000000"));
        Assert.Contains("That code is wrong", wrong.Text, StringComparison.Ordinal);
        var codes = await browser.SubmitAsync(app, "/admin/account/authenticator", Cancellation, ("Secret", secret), ("Code", AdminAccount.Code(AdminAccount.SecretOn(app), TimeProvider.System.GetUtcNow().ToUnixTimeSeconds() / 30)));
        Assert.Equal(10, Regex.Count(codes.Html, "<li[^>]*>[a-z0-9]{4}(-[a-z0-9]{4}){3}</li>"));

        Assert.StartsWith("/admin/account/waiting", (await browser.GetAsync("/admin/account", Cancellation)).Location, StringComparison.Ordinal);
        await using var database = await platform.OpenAuthDatabaseAsync(Cancellation);
        await database.Administrators.Where(a => a.Id == account).ExecuteUpdateAsync(set => set.SetProperty(a => a.ApprovedAt, TimeProvider.System.GetUtcNow()), Cancellation);
        Assert.Equal(HttpStatusCode.OK, (await browser.GetAsync("/admin/account", Cancellation)).Status);

        // Once is once, also for whoever had it open all the time.
        Assert.Contains("This link does not work", (await ChooseAsync(late, lateForm, token)).Text, StringComparison.Ordinal);
        Assert.DoesNotContain("__Host-authplatform-session", late.Cookies.Keys);
    }

    [Fact]
    public async Task Link_UsedBySeveralAtOnce_WorksForOne()
    {
        var (_, token) = await InviteAsync(TimeSpan.FromHours(1));
        using var browser = await AdminBrowser.OpenAsync(platform, Cancellation);
        var form = await browser.GetAsync($"/admin/setup?token={token}", Cancellation);

        var answers = await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => ChooseAsync(browser, form, token)));

        Assert.Single(answers, page => page.Location is not null);
    }

    /// <summary>Whoever has a copy of the database guesses on machines of their own, where only the cost of each guess slows them down.</summary>
    [Fact]
    public async Task Password_ChosenByALink_IsHashedAtFullCost()
    {
        var (account, token) = await InviteAsync(TimeSpan.FromHours(1));
        using var browser = await AdminBrowser.OpenAsync(platform, Cancellation);
        await ChooseAsync(browser, await browser.GetAsync($"/admin/setup?token={token}", Cancellation), token);

        await using var database = await platform.OpenAuthDatabaseAsync(Cancellation);
        var hash = await database.Administrators.Where(a => a.Id == account).Select(a => a.PasswordHash).SingleAsync(Cancellation);

        // A marker of the format, the function, of which 2 is HMAC-SHA512, and the iterations.
        var bytes = Convert.FromBase64String(hash!);
        Assert.Equal((1, 2, 210_000), ((int)bytes[0], BinaryPrimitives.ReadInt32BigEndian(bytes.AsSpan(1)), BinaryPrimitives.ReadInt32BigEndian(bytes.AsSpan(5))));
    }

    /// <summary>Somebody asks for another link because the first may be in other hands.</summary>
    [Fact]
    public async Task Link_MadeAnew_ReplacesTheOneBefore()
    {
        using var browser = await AdminAccount.SignInAsync(platform, Cancellation, AdministratorRoles.UserManager);
        using var guest = await AdminBrowser.OpenAsync(platform, Cancellation);
        var name = "new-" + SignedRequests.Nonce()[..12];
        var first = LinkOn(await browser.FillAsync("/admin/users/invite", Cancellation, ("UserName", name)));
        Assert.Contains("Choose the password", (await guest.GetAsync(first, Cancellation)).Text, StringComparison.Ordinal);
        await using var database = await platform.OpenAuthDatabaseAsync(Cancellation);
        var id = await database.Administrators.Where(a => a.UserName == name).Select(a => a.Id).SingleAsync(Cancellation);

        var second = LinkOn(await PressAsync(browser, id, "Link"));

        Assert.Contains("This link does not work", (await guest.GetAsync(first, Cancellation)).Text, StringComparison.Ordinal);
        Assert.Contains("Choose the password", (await guest.GetAsync(second, Cancellation)).Text, StringComparison.Ordinal);
    }

    /// <summary>It would be a way in beside the password and the second factor, and nobody would have reset those.</summary>
    [Fact]
    public async Task Link_OfSomebodyWhoIsSetUp_IsNotMade()
    {
        using var browser = await AdminAccount.SignInAsync(platform, Cancellation, AdministratorRoles.UserManager);
        var account = await AdminAccount.CreateAsync(platform, Cancellation);

        Assert.Equal(HttpStatusCode.BadRequest, (await PressAsync(browser, account.Id, "Link")).Status);

        await using var database = await platform.OpenAuthDatabaseAsync(Cancellation);
        Assert.False(await database.AdministratorLinks.AnyAsync(l => l.AdministratorId == account.Id, Cancellation));
    }

    [Fact]
    public async Task Link_ThatExpiredOrNeverWas_DoesNotWork()
    {
        var (_, token) = await InviteAsync(TimeSpan.FromHours(-1));
        using var browser = await AdminBrowser.OpenAsync(platform, Cancellation);

        foreach (var address in new[] { $"/admin/setup?token={token}", "/admin/setup?token=wrong", "/admin/setup" })
        {
            Assert.Contains("This link does not work", (await browser.GetAsync(address, Cancellation)).Text, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Link_OfTheFirstAdministrator_IsPrintedAndDiesWhenThereIsOne()
    {
        using var browser = await AdminBrowser.OpenAsync(platform, Cancellation);
        var printed = platform.Logs.Lines.Select(line => Regex.Match(line, @"/admin/setup\?token=([\w-]{43})")).First(match => match.Success);
        await AdminAccount.CreateAsync(platform, Cancellation);

        Assert.Contains("This link does not work", (await browser.GetAsync(printed.Value, Cancellation)).Text, StringComparison.Ordinal);
    }

    private static Task<AdminPage> ChooseAsync(AdminBrowser browser, AdminPage form, string token) =>
        browser.SubmitAsync(form, "/admin/setup", Cancellation, ("Token", token), ("Password", AdminAccount.Password), ("Again", AdminAccount.Password));

    private async Task<(Guid Administrator, string Token)> InviteAsync(TimeSpan lifetime)
    {
        var now = TimeProvider.System.GetUtcNow();
        var token = SignedRequests.Nonce() + SignedRequests.Nonce();
        var name = "invited-" + SignedRequests.Nonce()[..12];
        var administrator = new Administrator { Id = Guid.CreateVersion7(now), UserName = name, NormalizedUserName = name.ToUpperInvariant(), SecurityStamp = token[..16], CreatedAt = now };
        await using var database = await platform.OpenAuthDatabaseAsync(Cancellation);
        database.Administrators.Add(administrator);
        database.AdministratorLinks.Add(new AdministratorLink { TokenHash = SHA256.HashData(Encoding.UTF8.GetBytes(token)), AdministratorId = administrator.Id, CreatedAt = now, ExpiresAt = now + lifetime });
        await database.SaveChangesAsync(Cancellation);
        return (administrator.Id, token);
    }
}
