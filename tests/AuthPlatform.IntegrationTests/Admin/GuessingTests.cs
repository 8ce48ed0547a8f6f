using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using AuthPlatform.Data.Auth;
using AuthPlatform.IntegrationTests.Infrastructure;
using Microsoft.EntityFrameworkCore;

namespace AuthPlatform.IntegrationTests.Admin;

/// <summary>Guessing is slow for whoever guesses, tells nothing, and keeps nobody else out.</summary>
public sealed class GuessingTests(AuthPlatformFixture platform)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Password_GuessedFromOnePlace_HasToWaitWhetherThereIsSuchAPerson(bool isThere)
    {
        var account = await AdminAccount.CreateAsync(platform, Cancellation);
        using var attacker = await AdminBrowser.OpenAsync(platform, Cancellation, IPAddress.Parse(isThere ? "127.0.3.1" : "127.0.3.2"));
        var form = await attacker.GetAsync("/admin/sign-in", Cancellation);

        var answers = await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => GuessAsync(attacker, form, isThere ? account.UserName : "nobody-" + account.UserName)));
        Assert.InRange(answers.Count(page => page.Status == HttpStatusCode.OK), 5, 6);
        Assert.All(answers.Where(page => page.Status != HttpStatusCode.OK), page => Assert.Equal(HttpStatusCode.TooManyRequests, page.Status));

        // Meanwhile the person comes in from where they are.
        using var browser = await AdminBrowser.OpenAsync(platform, Cancellation, IPAddress.Parse("127.0.3.3"));
        Assert.NotNull((await account.SignInAsync(browser, Cancellation)).Location);
    }

    /// <summary>Whoever has a thousand computers slows a person down to one try in half a minute, and never more.</summary>
    [Fact]
    public async Task Password_GuessedFromEverywhere_KeepsNobodyOutForLong()
    {
        var account = await AdminAccount.CreateAsync(platform, Cancellation);
        using var browser = await AdminBrowser.OpenAsync(platform, Cancellation, IPAddress.Parse("127.0.3.4"));
        var form = await browser.GetAsync("/admin/sign-in", Cancellation);
        await GuessAsync(browser, form, account.UserName);
        var everywhere = SHA256.HashData(Encoding.UTF8.GetBytes($"password|everywhere|{account.UserName.ToUpperInvariant()}"));
        await using var database = await platform.OpenAuthDatabaseAsync(Cancellation);
        Assert.Equal(1, await database.Database.ExecuteSqlAsync($"UPDATE sign_in_delays SET failures = 1000000 WHERE key = {everywhere}", Cancellation));

        Assert.Equal(HttpStatusCode.OK, (await GuessAsync(browser, form, account.UserName)).Status);
        var refused = await account.EnterPasswordAsync(browser, AdminAccount.Password, Cancellation);
        Assert.Equal(HttpStatusCode.TooManyRequests, refused.Status);
        Assert.InRange(int.Parse(refused.Headers["Retry-After"], CultureInfo.InvariantCulture), 1, 30);

        await database.Database.ExecuteSqlAsync($"UPDATE sign_in_delays SET not_before = not_before - interval '30 seconds' WHERE key = {everywhere}", Cancellation);
        Assert.NotNull((await account.SignInAsync(browser, Cancellation)).Location);
    }

    [Fact]
    public async Task Code_GuessedByManyAtOnce_HasToWaitAfterFiveTriesAndIsWrittenDown()
    {
        var account = await AdminAccount.CreateAsync(platform, Cancellation);
        using var browser = await AdminBrowser.OpenAsync(platform, Cancellation, IPAddress.Parse("127.0.3.5"));
        await account.EnterPasswordAsync(browser, AdminAccount.Password, Cancellation);
        var form = await browser.GetAsync("/admin/sign-in/code", Cancellation);

        var answers = await Task.WhenAll(Enumerable.Range(0, 12).Select(n => browser.SubmitAsync(form, "/admin/sign-in/code", Cancellation, ("Code", $"{n:D2}abcd"))));
        Assert.InRange(answers.Count(page => page.Status == HttpStatusCode.OK), 5, 6);

        // Not even the right one is looked at before its time, whichever way it comes.
        Assert.Equal(HttpStatusCode.TooManyRequests, (await browser.SubmitAsync(form, "/admin/sign-in/code", Cancellation, ("Code", account.NextCode()))).Status);
        Assert.DoesNotContain("__Host-authplatform-session", browser.Cookies.Keys);
    }

    /// <summary>Whoever has taken over a session guesses there.</summary>
    [Theory]
    [InlineData("/admin/account/confirm", "Code", "127.0.3.6", "wrong_code")]
    [InlineData("/admin/account/password", "Present", "127.0.3.7", "wrong_password")]
    public async Task Proof_GuessedInASession_HasToWaitAndIsWrittenDown(string path, string field, string address, string code)
    {
        var account = await AdminAccount.CreateAsync(platform, Cancellation);
        using var browser = await AdminBrowser.OpenAsync(platform, Cancellation, IPAddress.Parse(address));
        await account.SignInAsync(browser, Cancellation);
        var form = await browser.GetAsync(path, Cancellation);

        var answers = await Task.WhenAll(Enumerable.Range(0, 10).Select(n => browser.SubmitAsync(form, path, Cancellation, (field, $"wrong {n}"))));

        Assert.InRange(answers.Count(page => page.Status == HttpStatusCode.OK), 5, 6);
        Assert.Contains(answers, page => page.Status == HttpStatusCode.TooManyRequests && page.Text.Contains("Too many tries", StringComparison.Ordinal));
        await using var database = await platform.OpenAuthDatabaseAsync(Cancellation);
        var mine = $$"""{"user":"{{account.UserName}}"}""";
        await Eventually.TrueAsync(
            async () => await database.AuditEvents.AnyAsync(e => e.Kind == AuditKinds.UserRefused && e.Code == code && EF.Functions.JsonContains(e.Details!, mine), Cancellation), Cancellation);
    }

    /// <summary>Passkeys name nobody, so there is nobody to be slowed down but the computer that sends nonsense.</summary>
    [Fact]
    public async Task Passkey_GuessedByAStranger_KeepsNobodyElseOut()
    {
        using var attacker = await AdminBrowser.OpenAsync(platform, Cancellation, IPAddress.Parse("127.0.3.8"));
        var form = await attacker.GetAsync("/admin/sign-in", Cancellation);
        var answers = new List<AdminPage>();
        foreach (var round in Enumerable.Range(0, 60).Chunk(20))
        {
            answers.AddRange(await Task.WhenAll(round.Select(_ => attacker.SubmitAsync(form, "/admin/sign-in?handler=Passkey", Cancellation, ("credential", "{}")))));
        }

        Assert.Contains(answers, page => page.Status == HttpStatusCode.TooManyRequests);

        using var browser = await AdminBrowser.OpenAsync(platform, Cancellation, IPAddress.Parse("127.0.3.9"));
        var page = await browser.FillAsync("/admin/sign-in?handler=Passkey", Cancellation, ("credential", "{}"));
        Assert.Contains("This passkey is not known here", page.Text, StringComparison.Ordinal);
    }

    private static Task<AdminPage> GuessAsync(AdminBrowser browser, AdminPage form, string name) =>
        browser.SubmitAsync(form, "/admin/sign-in", Cancellation, ("UserName", name), ("Password", "a wrong guess"));
}
