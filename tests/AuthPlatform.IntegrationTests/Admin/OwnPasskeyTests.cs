using System.Net;
using System.Text.Json;
using AuthPlatform.IntegrationTests.Infrastructure;
using Microsoft.EntityFrameworkCore;

namespace AuthPlatform.IntegrationTests.Admin;

/// <summary>Which passkeys somebody can add to their own, and that nobody removes the last of their factors.</summary>
public sealed class OwnPasskeyTests(AuthPlatformFixture platform)
{
    private const string Passkeys = "/admin/account/passkeys";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>How a passkey can be reached is signed by nobody, and kept as it was sent.</summary>
    [Theory]
    [InlineData("null character")]
    [InlineData("length")]
    [InlineData("number")]
    public async Task Passkey_ReachedInWaysThatAreNone_IsRefused(string wrong)
    {
        string[] transports = wrong switch
        {
            "null character" => ["usb\0"],
            "length" => [new string('a', 33)],
            _ => [.. Enumerable.Repeat("usb", 17)],
        };
        var account = await AdminAccount.CreateAsync(platform, Cancellation);
        using var passkey = SoftwarePasskey.New(account);
        using var browser = await AdminBrowser.OpenAsync(platform, Cancellation);
        await account.SignInAsync(browser, Cancellation);
        var form = await browser.GetAsync(Passkeys, Cancellation);

        var refused = await AddAsync(transports);

        Assert.Contains("The passkey could not be added", refused.Text, StringComparison.Ordinal);
        await using var database = await platform.OpenAuthDatabaseAsync(Cancellation);
        Assert.False(await database.AdministratorPasskeys.AnyAsync(p => p.AdministratorId == account.Id, Cancellation));
        // Nothing else is wrong with it.
        Assert.Equal("/admin/account", (await AddAsync("internal", "hybrid")).Location);

        async Task<AdminPage> AddAsync(params string[] ways)
        {
            var options = JsonElement.Parse((await browser.SubmitAsync(form, Passkeys + "?handler=Options", Cancellation)).Html);
            var origin = platform.Gateway.BaseAddress!.GetLeftPart(UriPartial.Authority);
            var said = new Assertion(options.GetProperty("challenge").GetString()!, origin, options.GetProperty("rp").GetProperty("id").GetString()!, account.Id) { Type = "webauthn.create" };
            return await browser.SubmitAsync(form, Passkeys, Cancellation, ("Name", "laptop"), ("credential", passkey.Offer(said, ways)));
        }
    }

    /// <summary>Each sees that there is another one: their owner would be left with the password alone.</summary>
    [Fact]
    public async Task Passkeys_RemovedInTwoBrowsersAtOnce_LeaveOne()
    {
        var account = await AdminAccount.CreateAsync(platform, Cancellation);
        using var laptop = await SoftwarePasskey.CreateAsync(platform, account, Cancellation);
        using var phone = await SoftwarePasskey.CreateAsync(platform, account, Cancellation);
        using var one = await AdminBrowser.OpenAsync(platform, Cancellation);
        using var other = await AdminBrowser.OpenAsync(platform, Cancellation);
        await account.SignInAsync(one, Cancellation);
        await account.SignInAsync(other, Cancellation);
        await account.LoseAppAsync(platform, Cancellation);
        var (form, otherForm) = (await one.GetAsync(Passkeys, Cancellation), await other.GetAsync(Passkeys, Cancellation));
        await using var database = await platform.OpenAuthDatabaseAsync(Cancellation);
        List<Task<AdminPage>> removals;
        await using (var transaction = await database.Database.BeginTransactionAsync(Cancellation))
        {
            // Both have counted two by the time that they wait for these.
            await database.Database.ExecuteSqlAsync($"SELECT FROM administrator_passkeys WHERE administrator_id = {account.Id} FOR UPDATE", Cancellation);
            removals = [RemoveAsync(one, form, laptop), RemoveAsync(other, otherForm, phone)];
            await Eventually.TrueAsync(async () => removals.Exists(removal => removal.IsCompleted) || await database.CountWaitingAsync(Cancellation) == 2, Cancellation);
        }

        var pages = await Task.WhenAll(removals);

        Assert.Equal([HttpStatusCode.Found, HttpStatusCode.Conflict], pages.Select(page => page.Status).Order());
        Assert.Equal(1, await database.AdministratorPasskeys.CountAsync(p => p.AdministratorId == account.Id, Cancellation));

        static Task<AdminPage> RemoveAsync(AdminBrowser browser, AdminPage page, SoftwarePasskey passkey) =>
            browser.SubmitAsync(page, Passkeys + "?handler=Remove", Cancellation, ("id", Convert.ToBase64String(passkey.Id)));
    }
}
