using System.Text;
using AuthPlatform.IntegrationTests.Infrastructure;
using Microsoft.EntityFrameworkCore;

namespace AuthPlatform.IntegrationTests.Admin;

public sealed class StoredKeyTests(AuthPlatformFixture platform)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>Whoever reads the database, or a dump of it, must not make cookies.</summary>
    [Fact]
    public async Task KeyOfCookies_InTheDatabase_IsEncrypted()
    {
        using var browser = await AdminBrowser.OpenAsync(platform, Cancellation);
        await browser.GetAsync("/admin/sign-in", Cancellation);

        await using var database = await platform.OpenAuthDatabaseAsync(Cancellation);
        var rows = await database.DataProtectionKeys.Select(k => k.XmlEncrypted).ToListAsync(Cancellation);

        Assert.NotEmpty(rows);
        Assert.All(rows, row => Assert.DoesNotContain("<key", Encoding.Latin1.GetString(row), StringComparison.Ordinal));
    }
}
