using AuthPlatform.Data.Admin;
using AuthPlatform.IntegrationTests.Infrastructure;

namespace AuthPlatform.IntegrationTests.Admin;

/// <summary>One person of each kind, signed in, with an application that one of them owns.</summary>
internal sealed class AdminPeople : IDisposable
{
    /// <summary>A role each; the owner and nobody have none.</summary>
    public static readonly IReadOnlyList<string> Kinds = [.. AdministratorRoles.All, "owner", "nobody"];

    private AdminPeople(TestApplication owned, IReadOnlyDictionary<string, AdminBrowser> browsers)
    {
        (Owned, Browsers) = (owned, browsers);
    }

    public TestApplication Owned { get; }

    public IReadOnlyDictionary<string, AdminBrowser> Browsers { get; }

    public AdminBrowser this[string kind] => Browsers[kind];

    public static async Task<AdminPeople> SignInAsync(AuthPlatformFixture platform, CancellationToken cancellationToken)
    {
        var application = await platform.CreateApplicationAsync(_ => { }, cancellationToken);
        var browsers = await Task.WhenAll(Kinds.Select(async kind =>
        {
            var account = await AdminAccount.CreateAsync(platform, cancellationToken, AdministratorRoles.All.Contains(kind) ? [kind] : []);
            if (kind == "owner")
            {
                await account.OwnAsync(platform, application, cancellationToken);
            }

            var browser = await AdminBrowser.OpenAsync(platform, cancellationToken);
            await account.SignInAsync(browser, cancellationToken);
            return (kind, browser);
        }));
        return new AdminPeople(application, browsers.ToDictionary(b => b.kind, b => b.browser));
    }

    public void Dispose()
    {
        foreach (var browser in Browsers.Values)
        {
            browser.Dispose();
        }
    }
}
