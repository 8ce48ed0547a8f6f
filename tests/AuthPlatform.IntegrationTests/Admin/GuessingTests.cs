using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using AuthPlatform.Data.Admin;
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
        AssertSlowedDown(answers);

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
        var everywhere = Everywhere(account);
        await using var database = await platform.OpenAuthDatabaseAsync(Cancellation);
        Assert.Equal(1, await database.Database.ExecuteSqlAsync($"UPDATE sign_in_delays SET failures = 1000000 WHERE key = {everywhere}", Cancellation));

        Assert.Equal(HttpStatusCode.OK, (await GuessAsync(browser, form, account.UserName)).Status);
        var refused = await account.EnterPasswordAsync(browser, AdminAccount.Password, Cancellation);
        Assert.Equal(HttpStatusCode.TooManyRequests, refused.Status);
        Assert.InRange(int.Parse(refused.Headers["Retry-After"], CultureInfo.InvariantCulture), 1, 30);

        await database.Database.ExecuteSqlAsync($"UPDATE sign_in_delays SET not_before = not_before - interval '30 seconds' WHERE key = {everywhere}", Cancellation);
        Assert.NotNull((await account.SignInAsync(browser, Cancellation)).Location);
    }

    /// <summary>Strangers take each try that is left to a name: whoever asks meanwhile was not looked at, and has guessed nothing.</summary>
    [Fact]
    public async Task Password_RefusedBecauseOfStrangers_DoesNotCountForThePerson()
    {
        var account = await AdminAccount.CreateAsync(platform, Cancellation);
        using var browser = await AdminBrowser.OpenAsync(platform, Cancellation, IPAddress.Parse("127.0.3.10"));
        await HoldAsync(Everywhere(account));

        for (var tries = 0; tries < 6; tries++)
        {
            Assert.Equal(HttpStatusCode.TooManyRequests, (await account.EnterPasswordAsync(browser, AdminAccount.Password, Cancellation)).Status);
        }

        var (person, place) = (Key($"password|person|{account.UserName.ToUpperInvariant()}|127.0.3.10"), Key("password|address|127.0.3.10"));
        await using var database = await platform.OpenAuthDatabaseAsync(Cancellation);
        Assert.False(await database.Set<SignInDelay>().AnyAsync(d => d.Key == person || d.Key == place, Cancellation));
        await database.Database.ExecuteSqlAsync($"UPDATE sign_in_delays SET not_before = '-infinity' WHERE key = {Everywhere(account)}", Cancellation);
        Assert.NotNull((await account.SignInAsync(browser, Cancellation)).Location);
    }

    [Fact]
    public async Task Person_WhereTheySignedInLately_GetsInWhileStrangersGuess()
    {
        const string Place = "127.0.3.11";
        var account = await AdminAccount.CreateAsync(platform, Cancellation);
        using var first = await AdminBrowser.OpenAsync(platform, Cancellation, IPAddress.Parse(Place));
        await account.SignInAsync(first, Cancellation);
        await HoldAsync(Everywhere(account), Key($"code|everywhere|{account.Id.ToString().ToUpperInvariant()}"));

        using var elsewhere = await AdminBrowser.OpenAsync(platform, Cancellation, IPAddress.Parse("127.0.3.12"));
        Assert.Equal(HttpStatusCode.TooManyRequests, (await account.EnterPasswordAsync(elsewhere, AdminAccount.Password, Cancellation)).Status);
        using var browser = await AdminBrowser.OpenAsync(platform, Cancellation, IPAddress.Parse(Place));
        Assert.NotNull((await account.SignInAsync(browser, Cancellation)).Location);

        // After a month it is a place like any other.
        await HoldAsync(Everywhere(account));
        await using var database = await platform.OpenAuthDatabaseAsync(Cancellation);
        var known = Key($"known|password|{account.UserName.ToUpperInvariant()}|{Place}");
        Assert.Equal(1, await database.Database.ExecuteSqlAsync($"UPDATE sign_in_delays SET tried_at = tried_at - interval '30 days' WHERE key = {known}", Cancellation));
        using var later = await AdminBrowser.OpenAsync(platform, Cancellation, IPAddress.Parse(Place));
        Assert.Equal(HttpStatusCode.TooManyRequests, (await account.EnterPasswordAsync(later, AdminAccount.Password, Cancellation)).Status);
    }

    /// <summary>The neighbour of an administrator, or a thief at their computer, guesses as slowly as anybody.</summary>
    [Fact]
    public async Task Password_GuessedWhereThePersonSignedInLately_HasToWaitAfterFiveTries()
    {
        var account = await AdminAccount.CreateAsync(platform, Cancellation);
        using var browser = await AdminBrowser.OpenAsync(platform, Cancellation, IPAddress.Parse("127.0.3.13"));
        await account.SignInAsync(browser, Cancellation);
        using var attacker = await AdminBrowser.OpenAsync(platform, Cancellation, IPAddress.Parse("127.0.3.13"));
        var form = await attacker.GetAsync("/admin/sign-in", Cancellation);

        var answers = await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => GuessAsync(attacker, form, account.UserName)));

        AssertSlowedDown(answers);
    }

    /// <summary>One customer of a provider has more IPv6 addresses than there are guesses.</summary>
    [Fact]
    public async Task Password_GuessedFromOneNetwork_HasToWaitWhateverTheAddresses()
    {
        var account = await AdminAccount.CreateAsync(platform, Cancellation);
        var attackers = await Task.WhenAll(Enumerable.Range(1, 10).Select(async n =>
        {
            var browser = await AdminBrowser.OpenAsync(platform, Cancellation, IPAddress.Parse($"2001:db8:3:1::{n}"));
            return (Browser: browser, Form: await browser.GetAsync("/admin/sign-in", Cancellation));
        }));

        var answers = await Task.WhenAll(attackers.Select(attacker => GuessAsync(attacker.Browser, attacker.Form, account.UserName)));

        AssertSlowedDown(answers);
        using var neighbour = await AdminBrowser.OpenAsync(platform, Cancellation, IPAddress.Parse("2001:db8:3:2::1"));
        Assert.Equal(HttpStatusCode.OK, (await GuessAsync(neighbour, await neighbour.GetAsync("/admin/sign-in", Cancellation), account.UserName)).Status);
        Array.ForEach(attackers, attacker => attacker.Browser.Dispose());
    }

    [Fact]
    public async Task Code_GuessedByManyAtOnce_HasToWaitAfterFiveTriesAndIsWrittenDown()
    {
        var account = await AdminAccount.CreateAsync(platform, Cancellation);
        using var browser = await AdminBrowser.OpenAsync(platform, Cancellation, IPAddress.Parse("127.0.3.5"));
        await account.EnterPasswordAsync(browser, AdminAccount.Password, Cancellation);
        var form = await browser.GetAsync("/admin/sign-in/code", Cancellation);

        var answers = await Task.WhenAll(Enumerable.Range(0, 12).Select(n => browser.SubmitAsync(form, "/admin/sign-in/code", Cancellation, ("Code", $"{n:D2}abcd"))));
        AssertSlowedDown(answers);
        await AssertWrittenDownAsync(account, "wrong_code");

        // Not even the right one is looked at before its time, whichever way it comes.
        await HoldAsync(Key($"code|person|{account.Id.ToString().ToUpperInvariant()}|127.0.3.5"));
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

        AssertSlowedDown(answers);
        Assert.Contains(answers, page => page.Text.Contains("Too many tries", StringComparison.Ordinal));
        await AssertWrittenDownAsync(account, code);
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

    /// <summary>What the row of a limit is called.</summary>
    private static byte[] Key(string text) => SHA256.HashData(Encoding.UTF8.GetBytes(text));

    private static byte[] Everywhere(AdminAccount account) => Key($"password|everywhere|{account.UserName.ToUpperInvariant()}");

    /// <summary>Five tries are free. On a machine on which the others take seconds some of those are looked at, too, but never all: the waits double.</summary>
    private static void AssertSlowedDown(AdminPage[] answers)
    {
        Assert.InRange(answers.Count(page => page.Status == HttpStatusCode.OK), 5, answers.Length - 1);
        Assert.All(answers.Where(page => page.Status != HttpStatusCode.OK), page => Assert.Equal(HttpStatusCode.TooManyRequests, page.Status));
    }

    private async Task AssertWrittenDownAsync(AdminAccount account, string code)
    {
        await using var database = await platform.OpenAuthDatabaseAsync(Cancellation);
        var mine = $$"""{"user":"{{account.UserName}}"}""";
        await Eventually.TrueAsync(
            async () => await database.AuditEvents.AnyAsync(e => e.Kind == AuditKinds.UserRefused && e.Code == code && EF.Functions.JsonContains(e.Details!, mine), Cancellation), Cancellation);
    }

    /// <summary>As if somebody, strangers all over the world perhaps, had just taken the one try that is left, and as if the wait after it were an hour.</summary>
    private async Task HoldAsync(params byte[][] limits)
    {
        await using var database = await platform.OpenAuthDatabaseAsync(Cancellation);
        foreach (var limit in limits)
        {
            await database.Database.ExecuteSqlAsync(
                $"""
                INSERT INTO sign_in_delays (key, failures, not_before, tried_at) VALUES ({limit}, 1000, now() + interval '1 hour', now())
                ON CONFLICT (key) DO UPDATE SET not_before = excluded.not_before
                """,
                Cancellation);
        }
    }

    private static Task<AdminPage> GuessAsync(AdminBrowser browser, AdminPage form, string name) =>
        browser.SubmitAsync(form, "/admin/sign-in", Cancellation, ("UserName", name), ("Password", "a wrong guess"));
}
