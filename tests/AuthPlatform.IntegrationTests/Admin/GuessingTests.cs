using System.Net;
using System.Text.RegularExpressions;
using AuthPlatform.Data.Auth;
using AuthPlatform.IntegrationTests.Infrastructure;
using Microsoft.EntityFrameworkCore;
using static AuthPlatform.IntegrationTests.Admin.SignInLimits;

namespace AuthPlatform.IntegrationTests.Admin;

/// <summary>Guessing codes, proofs and passkeys is as slow as guessing passwords.</summary>
public sealed class GuessingTests(AuthPlatformFixture platform)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>What is written down of them is looked at in the end: that is done every ten seconds, and each of them would wait for it.</summary>
    [Fact]
    public async Task Guesses_ManyAtOnce_HaveToWaitAfterFiveTriesAndAreWrittenDown()
    {
        var ofASignIn = await GuessCodesOfASignInAsync();
        var ofASession = await GuessProofsInASessionAsync("/admin/account/confirm", "Code", "127.0.3.6");
        var ofAPassword = await GuessProofsInASessionAsync("/admin/account/password", "Present", "127.0.3.7");
        var ofANewApp = await GuessCodesOfANewAppAsync();

        await AssertWrittenDownAsync(ofASignIn, "wrong_code");
        await AssertWrittenDownAsync(ofASession, "wrong_code");
        await AssertWrittenDownAsync(ofAPassword, "wrong_password");
        await AssertWrittenDownAsync(ofANewApp, "wrong_code");
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
        // Nor, behind the same address, anybody who has signed in from proving who they are.
        using var neighbour = await AdminBrowser.OpenAsync(platform, Cancellation, IPAddress.Parse("127.0.3.8"));
        await (await AdminAccount.CreateAsync(platform, Cancellation)).SignInAsync(neighbour, Cancellation);
        var proof = await neighbour.FillAsync("/admin/account/confirm?handler=Passkey", Cancellation, ("credential", "{}"));
        Assert.Equal(HttpStatusCode.OK, proof.Status);
        Assert.Contains("This passkey is not yours", proof.Text, StringComparison.Ordinal);

        using var browser = await AdminBrowser.OpenAsync(platform, Cancellation, IPAddress.Parse("127.0.3.9"));
        var page = await browser.FillAsync("/admin/sign-in?handler=Passkey", Cancellation, ("credential", "{}"));
        Assert.Contains("This passkey is not known here", page.Text, StringComparison.Ordinal);
    }

    private async Task<AdminAccount> GuessCodesOfASignInAsync()
    {
        var account = await AdminAccount.CreateAsync(platform, Cancellation);
        using var browser = await AdminBrowser.OpenAsync(platform, Cancellation, IPAddress.Parse("127.0.3.5"));
        await account.EnterPasswordAsync(browser, AdminAccount.Password, Cancellation);
        var form = await browser.GetAsync("/admin/sign-in/code", Cancellation);

        var answers = await Task.WhenAll(Enumerable.Range(0, 12).Select(n => browser.SubmitAsync(form, "/admin/sign-in/code", Cancellation, ("Code", $"{n:D2}abcd"))));

        // Not even the right one is looked at before its time.
        await AssertSlowedDownAsync(
            platform, answers, From("code", account.Id.ToString(), "127.0.3.5"), () => browser.SubmitAsync(form, "/admin/sign-in/code", Cancellation, ("Code", account.NextCode())));
        Assert.DoesNotContain("__Host-authplatform-session", browser.Cookies.Keys);
        return account;
    }

    /// <summary>Whoever has taken over a session guesses there.</summary>
    private async Task<AdminAccount> GuessProofsInASessionAsync(string path, string field, string address)
    {
        var account = await AdminAccount.CreateAsync(platform, Cancellation);
        using var browser = await AdminBrowser.OpenAsync(platform, Cancellation, IPAddress.Parse(address));
        await account.SignInAsync(browser, Cancellation);
        var form = await browser.GetAsync(path, Cancellation);

        var answers = await Task.WhenAll(Enumerable.Range(0, 10).Select(n => browser.SubmitAsync(form, path, Cancellation, (field, $"wrong {n}"))));

        var limit = field == "Code" ? From("code", account.Id.ToString(), address) : From("password", account.UserName, address);
        await AssertSlowedDownAsync(platform, answers, limit, () => browser.SubmitAsync(form, path, Cancellation, (field, "wrong")));
        Assert.Contains(answers, page => page.Text.Contains("Too many tries", StringComparison.Ordinal));
        return account;
    }

    /// <summary>Whoever is told that a right code is wrong makes another key in the app, and guesses on.</summary>
    private async Task<AdminAccount> GuessCodesOfANewAppAsync()
    {
        const string Path = "/admin/account/authenticator";
        var account = await AdminAccount.CreateAsync(platform, Cancellation);
        using var browser = await AdminBrowser.OpenAsync(platform, Cancellation, IPAddress.Parse("127.0.3.21"));
        await account.SignInAsync(browser, Cancellation);
        var form = await browser.GetAsync(Path, Cancellation);
        var secret = Regex.Match(form.Html, "name=\"Secret\" value=\"([^\"]+)\"").Groups[1].Value;

        var answers = await Task.WhenAll(Enumerable.Range(0, 12).Select(n => EnterAsync($"{n:D2}abcd")));

        AdminPage? right = null;
        await AssertSlowedDownAsync(
            platform,
            answers,
            From("new code", account.Id.ToString(), "127.0.3.21"),
            async () => right = await EnterAsync(AdminAccount.Code(AdminAccount.SecretOn(form), TimeProvider.System.GetUtcNow().ToUnixTimeSeconds() / 30)));
        Assert.Contains("Too many tries", right!.Text, StringComparison.Ordinal);
        Assert.Contains("Retry-After", right.Headers.Keys);
        return account;

        Task<AdminPage> EnterAsync(string code) => browser.SubmitAsync(form, Path, Cancellation, ("Secret", secret), ("Code", code));
    }

    private async Task AssertWrittenDownAsync(AdminAccount account, string code)
    {
        await using var database = await platform.OpenAuthDatabaseAsync(Cancellation);
        var mine = $$"""{"user":"{{account.UserName}}"}""";
        await Eventually.TrueAsync(
            async () => await database.AuditEvents.AnyAsync(e => e.Kind == AuditKinds.UserRefused && e.Code == code && EF.Functions.JsonContains(e.Details!, mine), Cancellation), Cancellation);
    }
}
