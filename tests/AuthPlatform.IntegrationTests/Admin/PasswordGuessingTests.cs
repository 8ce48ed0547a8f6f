using System.Globalization;
using System.Net;
using System.Text.Json;
using AuthPlatform.Data.Admin;
using AuthPlatform.Data.Auth;
using AuthPlatform.IntegrationTests.Infrastructure;
using Microsoft.EntityFrameworkCore;
using static AuthPlatform.IntegrationTests.Admin.SignInLimits;

namespace AuthPlatform.IntegrationTests.Admin;

/// <summary>Guessing passwords is slow for whoever guesses, tells nothing, and keeps nobody else out.</summary>
public sealed class PasswordGuessingTests(AuthPlatformFixture platform)
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
        var name = isThere ? account.UserName : "nobody-" + account.UserName;

        var answers = await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => GuessAsync(attacker, form, name)));
        await AssertSlowedDownAsync(platform, answers, From("password", name, isThere ? "127.0.3.1" : "127.0.3.2"), () => GuessAsync(attacker, form, name));

        // Meanwhile the person comes in from where they are.
        using var browser = await AdminBrowser.OpenAsync(platform, Cancellation, IPAddress.Parse("127.0.3.3"));
        Assert.NotNull((await account.SignInAsync(browser, Cancellation)).Location);
    }

    [Fact]
    public async Task Guessing_ByManyAtOnce_HasToWaitAfterFiveTries()
    {
        var account = await AdminAccount.CreateAsync(platform, Cancellation);
        using var browser = await AdminBrowser.OpenAsync(platform, Cancellation, IPAddress.Parse("127.0.3.20"));
        var form = await browser.GetAsync("/admin/sign-in", Cancellation);

        var answers = await Task.WhenAll(Enumerable.Range(0, 12).Select(_ =>
            browser.SubmitAsync(form, "/admin/sign-in", Cancellation, ("UserName", account.UserName), ("Password", "a wrong guess"))));

        Assert.Contains(answers, page => page.Status == HttpStatusCode.TooManyRequests && page.Text.Contains("Too many tries", StringComparison.Ordinal));
        // Twelve refusals are a few rows; what is nobody's name may be a password, and is in none.
        await browser.SubmitAsync(form, "/admin/sign-in", Cancellation, ("UserName", "my secret " + account.UserName), ("Password", "a wrong guess"));
        await using var database = await platform.OpenAuthDatabaseAsync(Cancellation);
        var mine = JsonSerializer.Serialize(new { user = account.UserName });
        var written = database.AuditEvents.Where(e => e.Kind == AuditKinds.UserRefused && EF.Functions.JsonContains(e.Details!, mine));
        await Eventually.TrueAsync(async () => await written.SumAsync(e => e.Count, Cancellation) == 12, Cancellation);
        Assert.InRange(await written.CountAsync(Cancellation), 2, 4);
        var all = await database.AuditEvents.Where(e => e.Kind == AuditKinds.UserRefused && e.Details != null).Select(e => e.Details!).ToListAsync(Cancellation);
        Assert.DoesNotContain(all, details => details.Contains("my secret", StringComparison.OrdinalIgnoreCase));
        await AssertSlowedDownAsync(platform, answers, From("password", account.UserName, "127.0.3.20"), () => GuessAsync(browser, form, account.UserName));
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

        for (var tries = 0; tries < 6; tries++)
        {
            await HoldAsync(platform, Everywhere(account));
            Assert.Equal(HttpStatusCode.TooManyRequests, (await account.EnterPasswordAsync(browser, AdminAccount.Password, Cancellation)).Status);
        }

        var (person, place) = (From("password", account.UserName, "127.0.3.10"), Key("password|address|127.0.3.10"));
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
        await HoldAsync(platform, Everywhere(account), Key($"code|everywhere|{account.Id.ToString().ToUpperInvariant()}"));

        using var elsewhere = await AdminBrowser.OpenAsync(platform, Cancellation, IPAddress.Parse("127.0.3.12"));
        Assert.Equal(HttpStatusCode.TooManyRequests, (await account.EnterPasswordAsync(elsewhere, AdminAccount.Password, Cancellation)).Status);
        using var browser = await AdminBrowser.OpenAsync(platform, Cancellation, IPAddress.Parse(Place));
        Assert.NotNull((await account.SignInAsync(browser, Cancellation)).Location);

        // After a month it is a place like any other.
        await HoldAsync(platform, Everywhere(account));
        await using var database = await platform.OpenAuthDatabaseAsync(Cancellation);
        var known = Key($"known|password|{account.UserName.ToUpperInvariant()}|{Place}");
        Assert.Equal(1, await database.Database.ExecuteSqlAsync($"UPDATE sign_in_delays SET tried_at = tried_at - interval '30 days' WHERE key = {known}", Cancellation));
        using var later = await AdminBrowser.OpenAsync(platform, Cancellation, IPAddress.Parse(Place));
        Assert.Equal(HttpStatusCode.TooManyRequests, (await account.EnterPasswordAsync(later, AdminAccount.Password, Cancellation)).Status);
    }

    /// <summary>A machine starts with a clock that is a day ahead, and is set right: nobody waits for that day, and guessing is as slow as ever.</summary>
    [Fact]
    public async Task Password_ForbiddenByAClockThatWasAhead_IsLookedAtOnce()
    {
        const string Place = "127.0.3.14";
        var account = await AdminAccount.CreateAsync(platform, Cancellation);
        using var browser = await AdminBrowser.OpenAsync(platform, Cancellation, IPAddress.Parse(Place));
        var form = await browser.GetAsync("/admin/sign-in", Cancellation);
        await HoldForAsync(platform, TimeSpan.FromDays(1), From("password", account.UserName, Place), Everywhere(account), Key($"password|address|{Place}"));

        Assert.Equal(HttpStatusCode.OK, (await GuessAsync(browser, form, account.UserName)).Status);
        var refused = await GuessAsync(browser, form, account.UserName);

        Assert.Equal(HttpStatusCode.TooManyRequests, refused.Status);
        Assert.InRange(int.Parse(refused.Headers["Retry-After"], CultureInfo.InvariantCulture), 1, 900);
    }

    /// <summary>Otherwise nothing would be forgotten for all that day.</summary>
    [Fact]
    public async Task Password_TriedByAClockThatWasAhead_IsCountedAnew()
    {
        const string Place = "127.0.3.24";
        var account = await AdminAccount.CreateAsync(platform, Cancellation);
        using var browser = await AdminBrowser.OpenAsync(platform, Cancellation, IPAddress.Parse(Place));
        var form = await browser.GetAsync("/admin/sign-in", Cancellation);
        var limit = From("password", account.UserName, Place);
        await HoldForAsync(platform, TimeSpan.FromDays(1), limit);
        await using var database = await platform.OpenAuthDatabaseAsync(Cancellation);
        await database.Database.ExecuteSqlAsync($"UPDATE sign_in_delays SET tried_at = not_before WHERE key = {limit}", Cancellation);

        Assert.Equal(HttpStatusCode.OK, (await GuessAsync(browser, form, account.UserName)).Status);
        Assert.Equal(HttpStatusCode.OK, (await GuessAsync(browser, form, account.UserName)).Status);

        Assert.Equal(2, await database.Set<SignInDelay>().Where(d => d.Key == limit).Select(d => d.Failures).SingleAsync(Cancellation));
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

        await AssertSlowedDownAsync(platform, answers, From("password", account.UserName, "127.0.3.13"), () => GuessAsync(attacker, form, account.UserName));
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

        var limit = From("password", account.UserName, "20010DB800030001");
        await AssertSlowedDownAsync(platform, answers, limit, () => GuessAsync(attackers[0].Browser, attackers[0].Form, account.UserName));
        using var neighbour = await AdminBrowser.OpenAsync(platform, Cancellation, IPAddress.Parse("2001:db8:3:2::1"));
        Assert.Equal(HttpStatusCode.OK, (await GuessAsync(neighbour, await neighbour.GetAsync("/admin/sign-in", Cancellation), account.UserName)).Status);
        Array.ForEach(attackers, attacker => attacker.Browser.Dispose());
    }

    private static Task<AdminPage> GuessAsync(AdminBrowser browser, AdminPage form, string name) =>
        browser.SubmitAsync(form, "/admin/sign-in", Cancellation, ("UserName", name), ("Password", "a wrong guess"));
}
