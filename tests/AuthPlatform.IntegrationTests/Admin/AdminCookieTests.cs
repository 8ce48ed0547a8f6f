using System.Text.RegularExpressions;
using AuthPlatform.IntegrationTests.Infrastructure;

namespace AuthPlatform.IntegrationTests.Admin;

/// <summary>What browsers are told about every cookie of these pages.</summary>
public sealed class AdminCookieTests(AuthPlatformFixture platform)
{
    /// <summary>
    /// A session must be there when a link from elsewhere leads here, with what its forms are guarded by, and so must what the page looks like; nothing else has to come from another site.
    /// </summary>
    private static readonly string[] Expected =
    [
        "__Host-authplatform-antiforgery: httponly; path=/; samesite=lax; secure",
        "__Host-authplatform-language: httponly; path=/; samesite=lax; secure",
        "__Host-authplatform-passkey: httponly; path=/; samesite=strict; secure",
        "__Host-authplatform-passkey-new: httponly; path=/; samesite=strict; secure",
        "__Host-authplatform-pending: httponly; path=/; samesite=strict; secure",
        "__Host-authplatform-session: httponly; path=/; samesite=lax; secure",
        "__Host-authplatform-theme: httponly; path=/; samesite=lax; secure",
        "__Host-authplatform-toast: httponly; path=/; samesite=strict; secure",
    ];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Cookie_OfAnyKind_IsForThisHostAndForNoScript()
    {
        var account = await AdminAccount.CreateAsync(platform, Cancellation);
        using var browser = await AdminBrowser.OpenAsync(platform, Cancellation);

        var signIn = await browser.GetAsync("/admin/sign-in", Cancellation);
        var asked = await browser.SubmitAsync(signIn, "/admin/sign-in?handler=Options", Cancellation);
        var pending = await account.EnterPasswordAsync(browser, AdminAccount.Password, Cancellation);
        var signedIn = await browser.FillAsync("/admin/sign-in/code", Cancellation, ("Code", account.NextCode()));
        var passkeys = await browser.GetAsync("/admin/account/passkeys", Cancellation);
        var offered = await browser.SubmitAsync(passkeys, "/admin/account/passkeys?handler=Options", Cancellation);
        var told = await browser.SubmitAsync(passkeys, "/admin/account?handler=EndOthers", Cancellation);
        var preferred = await browser.SubmitAsync(passkeys, "/admin/preferences", Cancellation, ("language", "ko"), ("theme", "dark"));

        AdminPage[] answers = [signIn, asked, pending, signedIn, passkeys, offered, told, preferred];
        Assert.Equal(Expected.Order(StringComparer.Ordinal), answers.SelectMany(Kept).Distinct().Order(StringComparer.Ordinal));
    }

    /// <summary>The cookies that an answer sets, with all that is said of them but how long they live; not those that it deletes.</summary>
    private static IEnumerable<string> Kept(AdminPage page) => Regex.Split(page.Headers.GetValueOrDefault("Set-Cookie") ?? "", @", (?=[^\s;,=]+=)")
        .Where(cookie => cookie.Length > 0 && !cookie.Contains("expires=Thu, 01 Jan 1970", StringComparison.OrdinalIgnoreCase))
        .Select(cookie => cookie.Split("; "))
        .Select(parts => $"{parts[0].Split('=')[0]}: {string.Join("; ", parts[1..].Where(part => !part.StartsWith("expires=", StringComparison.Ordinal)).Order(StringComparer.Ordinal))}");
}
