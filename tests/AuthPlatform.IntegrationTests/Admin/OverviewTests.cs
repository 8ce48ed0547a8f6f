using System.Net;
using System.Text.RegularExpressions;
using AuthPlatform.Data.Admin;
using AuthPlatform.Data.Auth;
using AuthPlatform.IntegrationTests.Infrastructure;
using Microsoft.EntityFrameworkCore;

namespace AuthPlatform.IntegrationTests.Admin;

/// <summary>The numbers that administrators arrive at.</summary>
public sealed partial class OverviewTests(AuthPlatformFixture platform)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Overview_OfThePlatform_ShowsWhatTokenApisCounted()
    {
        var began = TimeProvider.System.GetUtcNow().AddMinutes(-1);
        var application = await platform.CreateApplicationAsync(_ => { }, Cancellation);
        var issued = await platform.IssueAsync(application, SignedRequests.NewUser(), Cancellation);
        await platform.VerifyAsync(application, issued.GetProperty("access_token").GetString()!, Cancellation);
        await platform.VerifyAsync(application, "no token", Cancellation);
        using var browser = await AdminAccount.SignInAsync(platform, Cancellation, AdministratorRoles.Auditor);
        await using var database = await platform.OpenAuthDatabaseAsync(Cancellation);
        // Written every ten seconds. Only the most frequent reasons are shown, and other tests are refused for others.
        await Eventually.TrueAsync(
            async () => await database.Database.ExecuteSqlAsync(
                $"UPDATE traffic_counts SET count = count + 2000000 WHERE minute >= {began} AND kind = 'rejected' AND code = 'invalid_token'", Cancellation) > 0,
            Cancellation);

        AdminPage page = null!;
        // What these stand on may not answer within its second on a crowded machine.
        await Eventually.TrueAsync(
            async () =>
            {
                page = await browser.GetAsync("/admin/?handler=Live", Cancellation);
                Assert.Equal(HttpStatusCode.OK, page.Status);
                return LastHour().Matches(page.Text).Count(m => m.Groups[1].Value != "0") >= 3
                    && page.Text.Contains("invalid_token", StringComparison.Ordinal)
                    && Regex.Count(page.Text, @"answers in \d+ ms") == 3;
            },
            Cancellation);

        Assert.DoesNotContain("<html", page.Html, StringComparison.Ordinal);
        Assert.Contains("Live sessions", (await browser.GetAsync("/admin/", Cancellation)).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Overview_OfAnOwner_IsThatOfTheirApplications()
    {
        var (mine, theirs) = (await platform.CreateApplicationAsync(_ => { }, Cancellation), await platform.CreateApplicationAsync(_ => { }, Cancellation));
        await platform.IssueAsync(theirs, SignedRequests.NewUser(), Cancellation);
        await platform.IssueAsync(mine, SignedRequests.NewUser(), Cancellation);
        await RefuseAsync(mine, "my_reason");
        await RefuseAsync(theirs, "their_reason");
        var owner = await AdminAccount.CreateAsync(platform, Cancellation);
        await owner.OwnAsync(platform, mine, Cancellation);
        using var browser = await AdminBrowser.OpenAsync(platform, Cancellation);
        await owner.SignInAsync(browser, Cancellation);

        var page = await browser.GetAsync("/admin/", Cancellation);

        Assert.Matches(@"Live sessions\s+1\s", page.Text);
        Assert.Contains("my_reason", page.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("their_reason", page.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("in the last minute", page.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Overview_WhileSomebodyWaits_SaysSoToThoseWhoMayLetThemIn()
    {
        var guest = await AdminAccount.CreateAsync(platform, Cancellation);
        await using var database = await platform.OpenAuthDatabaseAsync(Cancellation);
        await database.Administrators.Where(a => a.Id == guest.Id).ExecuteUpdateAsync(set => set.SetProperty(a => a.ApprovedAt, (DateTimeOffset?)null), Cancellation);

        foreach (var (role, isTold) in new[] { (AdministratorRoles.Administrator, true), (AdministratorRoles.UserManager, true), (AdministratorRoles.Auditor, false) })
        {
            using var browser = await AdminAccount.SignInAsync(platform, Cancellation, role);
            var page = await browser.GetAsync("/admin/", Cancellation);
            Assert.Equal((role, isTold), (role, page.Html.Contains("/admin/users?state=waiting", StringComparison.Ordinal)));
            Assert.Equal((role, isTold), (role, Regex.IsMatch(page.Text, "waits? for approval")));
        }
    }

    private async Task RefuseAsync(TestApplication application, string code)
    {
        await using var database = await platform.OpenAuthDatabaseAsync(Cancellation);
        var now = TimeProvider.System.GetUtcNow();
        var id = await database.Applications.Where(a => a.ClientId == application.ClientId).Select(a => a.Id).SingleAsync(Cancellation);
        database.AuditEvents.Add(new AuditEvent { OccurredAt = now, Id = Guid.CreateVersion7(now), ApplicationId = id, ClientId = application.ClientId, Kind = AuditKinds.Rejected, Code = code });
        await database.SaveChangesAsync(Cancellation);
    }

    [GeneratedRegex(@"(\d+) in the last hour")]
    private static partial Regex LastHour();
}
