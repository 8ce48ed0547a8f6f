using System.Security.Cryptography;
using System.Text.Json;
using AuthPlatform.Data.Admin;
using AuthPlatform.IntegrationTests.Infrastructure;
using Microsoft.EntityFrameworkCore;

namespace AuthPlatform.IntegrationTests.Admin;

/// <summary>Passkeys are good at this address, for one challenge, for their owner, and nowhere else.</summary>
public sealed class PasskeyTests(AuthPlatformFixture platform)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private Uri Gateway => platform.Gateway.BaseAddress!;

    [Fact]
    public async Task Passkey_AnsweringItsChallenge_SignsInOnce()
    {
        var account = await AdminAccount.CreateAsync(platform, Cancellation);
        using var passkey = await SoftwarePasskey.CreateAsync(platform, account, Cancellation);
        using var browser = await AdminBrowser.OpenAsync(platform, Cancellation);
        var (form, said) = await AskAsync(browser, account);
        var cookies = browser.Cookies.ToDictionary();
        var answer = passkey.Answer(said);

        var signedIn = await browser.SubmitAsync(form, "/admin/sign-in?handler=Passkey", Cancellation, ("credential", answer), ("ReturnUrl", "/admin/account"));
        Assert.True(signedIn.Location == "/admin/account", signedIn.Text);

        // Somebody has copied it all on its way.
        using var thief = await AdminBrowser.OpenAsync(platform, Cancellation);
        foreach (var (name, value) in cookies)
        {
            thief.Cookies[name] = value;
        }

        var again = await thief.SubmitAsync(form, "/admin/sign-in?handler=Passkey", Cancellation, ("credential", answer));
        Assert.Contains("This passkey is not known here", again.Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("origin of another site")]
    [InlineData("origin below this one")]
    [InlineData("origin at another port")]
    [InlineData("origin without encryption, or with")]
    [InlineData("relying party")]
    [InlineData("frame of another site")]
    [InlineData("nobody verified")]
    [InlineData("nobody present")]
    [InlineData("challenge of another browser")]
    [InlineData("making, not using")]
    [InlineData("key")]
    [InlineData("user")]
    public async Task Passkey_ThatIsWrongInOneThing_IsRefused(string wrong)
    {
        var account = await AdminAccount.CreateAsync(platform, Cancellation);
        using var passkey = await SoftwarePasskey.CreateAsync(platform, account, Cancellation);
        using var browser = await AdminBrowser.OpenAsync(platform, Cancellation);
        using var elsewhere = await AdminBrowser.OpenAsync(platform, Cancellation);
        using var others = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var (form, right) = await AskAsync(browser, account);
        var said = wrong switch
        {
            "origin of another site" => right with { Origin = "https://evil.example" },
            "origin below this one" => right with { Origin = $"{Gateway.Scheme}://evil.{Gateway.Authority}" },
            "origin at another port" => right with { Origin = $"{Gateway.Scheme}://{Gateway.Host}:1" },
            "origin without encryption, or with" => right with { Origin = right.Origin.Replace("http:", "https:", StringComparison.Ordinal) },
            "relying party" => right with { RelyingParty = "evil.example" },
            "frame of another site" => right with { IsCrossOrigin = true },
            "nobody verified" => right with { Flags = 0x01 },
            "nobody present" => right with { Flags = 0x04 },
            "challenge of another browser" => right with { Challenge = (await AskAsync(elsewhere, account)).Said.Challenge },
            "making, not using" => right with { Type = "webauthn.create" },
            "user" => right with { User = (await AdminAccount.CreateAsync(platform, Cancellation, AdministratorRoles.Administrator)).Id },
            _ => right,
        };

        // Whoever sends it says that it comes from where the passkey was used.
        using var request = new HttpRequestMessage(HttpMethod.Post, "/admin/sign-in?handler=Passkey")
        {
            Content = new FormUrlEncodedContent([KeyValuePair.Create("credential", passkey.Answer(said, wrong == "key" ? others : null)), KeyValuePair.Create("__RequestVerificationToken", form.Token)]),
        };
        request.Headers.Add("Origin", said.Origin);
        var page = await browser.SendAsync(request, Cancellation);

        Assert.Contains("This passkey is not known here", page.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("__Host-authplatform-session", browser.Cookies.Keys);
    }

    /// <summary>Whoever takes somebody's factors away must not leave one that was on its way.</summary>
    [Fact]
    public async Task Passkey_OnItsWayWhileItsOwnerIsChanged_IsNotAdded()
    {
        const string Path = "/admin/account/passkeys";
        var account = await AdminAccount.CreateAsync(platform, Cancellation);
        using var passkey = SoftwarePasskey.New(account);
        using var browser = await AdminBrowser.OpenAsync(platform, Cancellation);
        await account.SignInAsync(browser, Cancellation);
        var form = await browser.GetAsync(Path, Cancellation);
        await using var database = await platform.OpenAuthDatabaseAsync(Cancellation);

        await using (var change = await database.Database.BeginTransactionAsync(Cancellation))
        {
            await database.Administrators.Where(a => a.Id == account.Id).ExecuteUpdateAsync(set => set.SetProperty(a => a.SecurityStamp, "another"), Cancellation);
            var adding = AddAsync();
            await Eventually.TrueAsync(async () => adding.IsCompleted || await database.IsWaitedForAsync(Cancellation), Cancellation);
            await change.CommitAsync(Cancellation);
            Assert.Contains("The passkey could not be added", (await adding).Text, StringComparison.Ordinal);
        }

        Assert.False(await database.AdministratorPasskeys.AnyAsync(p => p.AdministratorId == account.Id, Cancellation));
        // Nothing else is wrong with it.
        Assert.Equal("/admin/account", (await AddAsync()).Location);

        async Task<AdminPage> AddAsync()
        {
            var options = JsonElement.Parse((await browser.SubmitAsync(form, Path + "?handler=Options", Cancellation)).Html);
            var said = new Assertion(options.GetProperty("challenge").GetString()!, Gateway.GetLeftPart(UriPartial.Authority), options.GetProperty("rp").GetProperty("id").GetString()!, account.Id)
            {
                Type = "webauthn.create",
            };
            return await browser.SubmitAsync(form, Path, Cancellation, ("Name", "laptop"), ("credential", passkey.Offer(said)));
        }
    }

    [Fact]
    public async Task Passkey_BesideTheMostThatSomebodyCanHave_IsRefusedWithWhatHelps()
    {
        var account = await AdminAccount.CreateAsync(platform, Cancellation);
        for (var number = 0; number < 20; number++)
        {
            using var passkey = await SoftwarePasskey.CreateAsync(platform, account, Cancellation);
        }

        using var browser = await AdminBrowser.OpenAsync(platform, Cancellation);
        await account.SignInAsync(browser, Cancellation);

        var page = await browser.FillAsync("/admin/account/passkeys", Cancellation, ("Name", "laptop"), ("credential", "{}"));

        Assert.Contains("Remove one first", page.Text, StringComparison.Ordinal);
    }

    /// <summary>At the sign-in a challenge is for anybody: whoever has taken over a session answers it with a passkey of their own.</summary>
    [Fact]
    public async Task Passkey_OfSomebodyElse_ProvesNothingInASession()
    {
        const string Confirm = "/admin/account/confirm?handler=Passkey";
        var account = await AdminAccount.CreateAsync(platform, Cancellation);
        using var passkey = await SoftwarePasskey.CreateAsync(platform, account, Cancellation);
        var thief = await AdminAccount.CreateAsync(platform, Cancellation);
        using var others = await SoftwarePasskey.CreateAsync(platform, thief, Cancellation);
        using var browser = await AdminBrowser.OpenAsync(platform, Cancellation);
        await account.SignInAsync(browser, Cancellation);
        await using var database = await platform.OpenAuthDatabaseAsync(Cancellation);
        var session = database.AdministratorSessions.Where(s => s.AdministratorId == account.Id).Select(s => new { s.Id, s.VerifiedAt });
        var before = await session.SingleAsync(Cancellation);

        var (form, said) = await AskAsync(browser, thief);
        var refused = await browser.SubmitAsync(form, Confirm, Cancellation, ("credential", others.Answer(said)));

        Assert.Contains("This passkey is not yours", refused.Text, StringComparison.Ordinal);
        Assert.Equal(before, await session.SingleAsync(Cancellation));
        // Nothing else was wrong with it.
        (form, said) = await AskAsync(browser, account);
        Assert.Equal("/admin/", (await browser.SubmitAsync(form, Confirm, Cancellation, ("credential", passkey.Answer(said)))).Location);
    }

    /// <summary>Its owner would be left with the password alone.</summary>
    [Fact]
    public async Task Passkey_ThatIsTheOnlySecondFactor_IsNotRemoved()
    {
        const string Remove = "/admin/account/passkeys?handler=Remove";
        var account = await AdminAccount.CreateAsync(platform, Cancellation);
        await account.LoseAppAsync(platform, Cancellation);
        using var passkey = await SoftwarePasskey.CreateAsync(platform, account, Cancellation);
        using var browser = await AdminBrowser.OpenAsync(platform, Cancellation);
        var (signIn, said) = await AskAsync(browser, account);
        await browser.SubmitAsync(signIn, "/admin/sign-in?handler=Passkey", Cancellation, ("credential", passkey.Answer(said)));
        var form = await browser.GetAsync("/admin/account/passkeys", Cancellation);
        var id = Convert.ToBase64String(passkey.Id);
        await using var database = await platform.OpenAuthDatabaseAsync(Cancellation);
        var left = database.AdministratorPasskeys.Where(p => p.AdministratorId == account.Id).Select(p => p.CredentialId);

        var refused = await browser.SubmitAsync(form, Remove, Cancellation, ("id", id));

        Assert.Contains("This is your only second factor", refused.Text, StringComparison.Ordinal);
        Assert.Equal(passkey.Id, await left.SingleAsync(Cancellation));
        // Beside another one it goes.
        using var other = await SoftwarePasskey.CreateAsync(platform, account, Cancellation);
        Assert.Equal("/admin/account", (await browser.SubmitAsync(form, Remove, Cancellation, ("id", id))).Location);
        Assert.Equal(other.Id, await left.SingleAsync(Cancellation));
    }

    private async Task<(AdminPage Form, Assertion Said)> AskAsync(AdminBrowser browser, AdminAccount account)
    {
        var form = await browser.BrowseAsync("/admin/sign-in", Cancellation);
        var options = JsonElement.Parse((await browser.SubmitAsync(form, "/admin/sign-in?handler=Options", Cancellation)).Html);
        // Nobody is told whose passkeys there are.
        Assert.False(options.TryGetProperty("allowCredentials", out var allowed) && allowed.GetArrayLength() > 0);
        return (form, new Assertion(options.GetProperty("challenge").GetString()!, Gateway.GetLeftPart(UriPartial.Authority), options.GetProperty("rpId").GetString()!, account.Id));
    }
}
