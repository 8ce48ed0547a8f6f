using System.Text.RegularExpressions;
using AuthPlatform.Data.Admin;
using AuthPlatform.IntegrationTests.Infrastructure;

namespace AuthPlatform.IntegrationTests.Admin;

/// <summary>The links by which the audit is taken away.</summary>
public sealed class AuditLinkTests(AuthPlatformFixture platform)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>Browsers save whatever answers a link that says so, the sign-in page too when the session is over. The answer itself says whether it is a file.</summary>
    [Fact]
    public async Task Link_ToAFile_LeavesItToTheAnswerWhetherItIsOne()
    {
        using var browser = await AdminAccount.SignInAsync(platform, Cancellation, AdministratorRoles.Auditor);

        var page = await browser.GetAsync("/admin/audit", Cancellation);
        var links = Regex.Matches(page.Html, "<a[^>]*handler=(?:Csv|Json)[^>]*>").Select(link => link.Value).ToList();
        var file = await browser.GetAsync("/admin/audit?handler=Csv&kind=none", Cancellation);

        Assert.Equal(2, links.Count);
        Assert.All(links, link => Assert.DoesNotMatch(@"\sdownload\b", link));
        Assert.StartsWith("attachment", file.Headers["Content-Disposition"], StringComparison.Ordinal);
    }
}
