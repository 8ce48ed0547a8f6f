using System.Security.Cryptography;
using System.Text.RegularExpressions;
using AuthPlatform.Data.Admin;
using AuthPlatform.Data.Auth;
using AuthPlatform.Data.Encryption;
using AuthPlatform.IntegrationTests.Infrastructure;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace AuthPlatform.IntegrationTests.Admin;

/// <summary>An administrator as they know themselves: name, password, authenticator app.</summary>
internal sealed class AdminAccount
{
    public const string Password = "nobody guesses this sentence";

    /// <summary>The one that each of them has.</summary>
    public const string RecoveryCode = "abcd-efgh-ijkm-npqr";

    /// <summary>Made once, and cheap: hundreds sign in with it. Only the page that changes a password makes a better one of it.</summary>
    private static readonly Lazy<string> CheapHash = new(() => Hash(iterations: 1));

    /// <summary>As the platform makes it.</summary>
    private static readonly Lazy<string> GoodHash = new(() => Hash(iterations: 210_000));

    private long _lastStep;

    public Guid Id { get; private init; }

    public string UserName { get; private init; } = "";

    public byte[] TotpSecret { get; init; } = RandomNumberGenerator.GetBytes(20);

    /// <summary>Registers somebody who has set up everything.</summary>
    public static Task<AdminAccount> CreateAsync(AuthPlatformFixture platform, CancellationToken cancellationToken, params string[] roles) =>
        CreateNamedAsync(platform, "admin-" + SignedRequests.Nonce()[..12], cancellationToken, roles);

    public static async Task<AdminAccount> CreateNamedAsync(AuthPlatformFixture platform, string userName, CancellationToken cancellationToken, params string[] roles)
    {
        await using var database = await platform.OpenAuthDatabaseAsync(cancellationToken);
        return await CreateAsync(database, platform.EncryptionKey, userName, cancellationToken, roles);
    }

    /// <summary>The same in any database.</summary>
    public static async Task<AdminAccount> CreateAsync(AuthDbContext database, string encryptionKey, string userName, CancellationToken cancellationToken, params string[] roles)
    {
        var now = TimeProvider.System.GetUtcNow();
        var account = new AdminAccount { Id = Guid.CreateVersion7(now), UserName = userName };
        var cipher = new EnvelopeCipher([encryptionKey]);
        var administrator = new Administrator
        {
            Id = account.Id,
            UserName = account.UserName,
            NormalizedUserName = account.UserName.ToUpperInvariant(),
            SecurityStamp = SignedRequests.Nonce(),
            PasswordHash = CheapHash.Value,
            Roles = roles,
            TotpSecretEncrypted = cipher.Encrypt(Administrator.TotpSecretField(account.Id), account.TotpSecret),
            TotpSecretEncryptionKey = cipher.CurrentKeyId,
            RecoveryCodeHashes = [Convert.ToHexStringLower(SHA256.HashData("abcdefghijkmnpqr"u8))],
            CreatedAt = now,
            ApprovedAt = now,
        };
        database.Administrators.Add(administrator);
        await database.SaveChangesAsync(cancellationToken);
        return account;
    }

    /// <summary>A browser in which somebody with these roles is signed in.</summary>
    public static async Task<AdminBrowser> SignInAsync(AuthPlatformFixture platform, CancellationToken cancellationToken, params string[] roles)
    {
        var account = await CreateAsync(platform, cancellationToken, roles);
        var browser = await AdminBrowser.OpenAsync(platform, cancellationToken);
        await account.SignInAsync(browser, cancellationToken);
        return browser;
    }

    /// <summary>Keeps the password as the platform does, for who looks at whether it is changed.</summary>
    public async Task HashWellAsync(AuthPlatformFixture platform, CancellationToken cancellationToken)
    {
        await using var database = await platform.OpenAuthDatabaseAsync(cancellationToken);
        await database.Administrators.Where(a => a.Id == Id).ExecuteUpdateAsync(set => set.SetProperty(a => a.PasswordHash, GoodHash.Value), cancellationToken);
    }

    /// <summary>Takes the app away: with a passkey, that is the only second factor; without one, there is none.</summary>
    public async Task LoseAppAsync(AuthPlatformFixture platform, CancellationToken cancellationToken)
    {
        await using var database = await platform.OpenAuthDatabaseAsync(cancellationToken);
        await database.Administrators.Where(a => a.Id == Id).ExecuteUpdateAsync(
            set => set.SetProperty(a => a.TotpSecretEncrypted, (byte[]?)null).SetProperty(a => a.TotpSecretEncryptionKey, (string?)null), cancellationToken);
    }

    /// <summary>As if they had last proved who they are a minute longer ago than counts as recent.</summary>
    public async Task AgeProofAsync(AuthPlatformFixture platform, CancellationToken cancellationToken)
    {
        await using var database = await platform.OpenAuthDatabaseAsync(cancellationToken);
        await database.Database.ExecuteSqlAsync($"UPDATE administrator_sessions SET verified_at = verified_at - interval '11 minutes' WHERE administrator_id = {Id}", cancellationToken);
    }

    /// <summary>Makes this person an owner.</summary>
    public async Task OwnAsync(AuthPlatformFixture platform, TestApplication application, CancellationToken cancellationToken)
    {
        await using var database = await platform.OpenAuthDatabaseAsync(cancellationToken);
        var id = await database.Applications.Where(a => a.ClientId == application.ClientId).Select(a => a.Id).SingleAsync(cancellationToken);
        database.ApplicationOwners.Add(new ApplicationOwner { ApplicationId = id, AdministratorId = Id });
        await database.SaveChangesAsync(cancellationToken);
    }

    public async Task<AdminPage> SignInAsync(AdminBrowser browser, CancellationToken cancellationToken, string returnUrl = "/admin/")
    {
        await EnterPasswordAsync(browser, Password, cancellationToken);
        var page = await browser.FillAsync("/admin/sign-in/code", cancellationToken, ("Code", NextCode()), ("ReturnUrl", returnUrl));
        Assert.True(page.Location is not null, page.Text);
        return page;
    }

    /// <summary>Whoever is signed in already is led on from the form, to a page of which any form has a token for it.</summary>
    public async Task<AdminPage> EnterPasswordAsync(AdminBrowser browser, string password, CancellationToken cancellationToken) =>
        await browser.SubmitAsync(await browser.BrowseAsync("/admin/sign-in", cancellationToken), "/admin/sign-in", cancellationToken, ("UserName", UserName), ("Password", password));

    /// <summary>
    /// A code that this app has not shown before. The platform takes those of the neighbouring steps too, so no test waits for the next; it begins with the one
    /// before, unless that is about to be out of date.
    /// </summary>
    public string NextCode()
    {
        var (step, into) = Math.DivRem(TimeProvider.System.GetUtcNow().ToUnixTimeSeconds(), 30);
        _lastStep = Math.Max(_lastStep + 1, into < 20 ? step - 1 : step);
        return Code(TotpSecret, _lastStep);
    }

    /// <summary>The secret that a page shows to people who type it into their app.</summary>
    public static byte[] SecretOn(AdminPage page)
    {
        const string Base32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
        var text = Regex.Match(page.Html, "select-all\">([A-Z2-7 ]+)<").Groups[1].Value.Replace(" ", "", StringComparison.Ordinal);
        var bits = string.Concat(text.Select(c => Convert.ToString(Base32.IndexOf(c, StringComparison.Ordinal), 2).PadLeft(5, '0')));
        return [.. bits.Chunk(8).Select(chunk => Convert.ToByte(new string(chunk), 2))];
    }

    /// <summary>What is sent back from the page of a new app, with a code that it takes.</summary>
    public static (string Name, string Value)[] NewApp(AdminPage page) =>
        [("Secret", Regex.Match(page.Html, "name=\"Secret\" value=\"([^\"]+)\"").Groups[1].Value), ("Code", Code(SecretOn(page), TimeProvider.System.GetUtcNow().ToUnixTimeSeconds() / 30))];

    private static string Hash(int iterations) =>
        new PasswordHasher<Administrator>(Options.Create(new PasswordHasherOptions { IterationCount = iterations })).HashPassword(null!, Password);

    public static string Code(byte[] secret, long step)
    {
        var counter = BitConverter.GetBytes(System.Net.IPAddress.HostToNetworkOrder(step));
#pragma warning disable CA5350 // RFC 6238 as authenticator apps compute it.
        var hash = HMACSHA1.HashData(secret, counter);
#pragma warning restore CA5350
        var offset = hash[^1] & 15;
        var number = ((hash[offset] & 127) << 24) | (hash[offset + 1] << 16) | (hash[offset + 2] << 8) | hash[offset + 3];
        return $"{number % 1_000_000:D6}";
    }
}
