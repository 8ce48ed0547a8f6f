using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using AuthPlatform.Data.Admin;
using AuthPlatform.Data.Auth;
using AuthPlatform.IntegrationTests.Infrastructure;
using Microsoft.EntityFrameworkCore;

namespace AuthPlatform.IntegrationTests.Admin;

/// <summary>What clients, administrators and strangers write is shown as they wrote it, wherever it is shown: never as markup.</summary>
public sealed class HostileTextTests(AuthPlatformFixture platform)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Field_OfAnyRow_IsTextOnEveryPageThatShowsIt()
    {
        using var browser = await SignInAsync();
        var application = await FillAsync(browser.Account);
        var at = $"/admin/applications/{application.ClientId}";
        await using var keys = await platform.OpenKeysDatabaseAsync(Cancellation);
        var kid = await keys.SigningKeys.Where(k => k.ClientId == application.ClientId).Select(k => k.Kid).FirstAsync(Cancellation);

        (string Path, string Shown)[] pages =
        [
            ("/admin/", "user code"),
            ("/admin/?handler=Live", "code"),
            ("/admin/account", "user pkey agnt"),
            ("/admin/account/passkeys", "pkey"),
            ("/admin/account/password", ""),
            ("/admin/account/authenticator", ""),
            ($"/admin/applications?q={application.ClientId}", "name user"),
            (at, "name audi adrs serv"),
            (at + "/secrets", "name from"),
            (at + "/keys", "name"),
            (at + "/keys/rotate", "name"),
            ($"{at}/keys/{kid}/revoke", "name"),
            (at + "/owners", "name user"),
            (at + "/delete", "name"),
            ($"/admin/sessions?app={application.ClientId}", "name user uniq devi addr"),
            ($"/admin/sessions/end?user={Uri.EscapeDataString(Hostile("uniq"))}", "uniq"),
            ($"/admin/audit?app={application.ClientId}", "code uniq addr user aknd dnam dval befo aftr list"),
            ($"/admin/audit?kind={Uri.EscapeDataString(Hostile("aknd"))}", "uniq"),
            ($"/admin/users?q={Uri.EscapeDataString(browser.Account.UserName)}", "user"),
            ($"/admin/users/{browser.Account.Id}", "user name"),
        ];
        foreach (var (path, shown) in pages)
        {
            IsText(path, await browser.Browser.GetAsync(path, Cancellation), shown.Split(' ', StringSplitOptions.RemoveEmptyEntries));
        }
    }

    [Theory]
    [InlineData("/admin/applications?q={0}&owner={0}&state={0}&from={0}")]
    [InlineData("/admin/users?q={0}&role={0}&state={0}")]
    [InlineData("/admin/sessions?user={0}&device={0}&ip={0}&session={0}&app={0}&key={0}")]
    [InlineData("/admin/sessions/end?device={0}&app={0}")]
    [InlineData("/admin/audit?kind={0}&app={0}&actor={0}&address={0}&user={0}&session={0}&from={0}")]
    [InlineData("/admin/account/confirm?returnUrl={0}")]
    [InlineData("/admin/sign-in?returnUrl={0}")]
    [InlineData("/admin/setup?token={0}")]
    [InlineData("/admin/no-such-page?{0}={0}")]
    [InlineData("/admin/applications/{0}")]
    public async Task Address_ThatIsHostile_IsNotEchoedAsMarkup(string path)
    {
        using var browser = await AdminAccount.SignInAsync(platform, Cancellation, AdministratorRoles.Administrator);

        var page = await browser.GetAsync(string.Format(null, path, Uri.EscapeDataString(Hostile("echo"))), Cancellation);

        IsNoMarkup(path, page);
    }

    [Fact]
    public async Task Result_OfAnAct_NamesWhatItWasDoneToAsText()
    {
        using var browser = await SignInAsync();
        var guest = Hostile("guest" + SignedRequests.Nonce()[..8]);
        var application = await platform.CreateApplicationAsync(a => a.Name = Hostile("name"), Cancellation);
        var (at, user) = ($"/admin/applications/{application.ClientId}", browser.Account.UserName);

        var made = await browser.Browser.FillAsync("/admin/new-application", Cancellation, ("Name", Hostile("name")));
        var invited = await browser.Browser.FillAsync("/admin/users/invite", Cancellation, ("UserName", guest));
        var refused = await browser.Browser.FillAsync("/admin/users/invite", Cancellation, ("UserName", guest));
        var wrong = await browser.Browser.FillAsync(at, Cancellation, ("Input.Name", Hostile("name")), ("Input.AllowedIps", Hostile("adrs")), ("Input.ResourceServers", Hostile("serv")), ("Input.RefreshFormat", Hostile("form")));
        var own = await browser.Browser.SubmitAsync(await browser.Browser.GetAsync(at + "/owners", Cancellation), at + "/owners?handler=Add", Cancellation, ("UserName", user));
        var owned = await browser.Browser.BrowseAsync(own.Location!, Cancellation);
        var deleted = await browser.Browser.FillAsync(at + "/delete", Cancellation, ("Typed", application.ClientId));
        var list = await browser.Browser.BrowseAsync(deleted.Location!, Cancellation);

        IsText("made", made, "name");
        IsText("wrong", wrong, "name", "adrs", "serv", "form");
        IsText("list", list, "name");
        foreach (var (what, page, text) in new[] { ("invited", invited, guest), ("refused", refused, guest), ("owned", owned, user) })
        {
            IsNoMarkup(what, page);
            Assert.Contains(text, WebUtility.HtmlDecode(page.Html), StringComparison.Ordinal);
        }
    }

    /// <summary>Ends an attribute, a script and any element, in few characters: some fields are short.</summary>
    private static string Hostile(string field) => $"\"'></script><xss-{field} onxss=1>";

    private static void IsNoMarkup(string what, AdminPage page)
    {
        Assert.True(!page.Html.Contains("<xss", StringComparison.OrdinalIgnoreCase) && !page.Html.Contains("\"'>", StringComparison.Ordinal), $"{what}: {page.Html}");
        Assert.DoesNotMatch("""<script(?![^>]*\ssrc=)""", page.Html);
        Assert.True((int)page.Status < 500, $"{what}: {page.Status}");
    }

    private static void IsText(string what, AdminPage page, params string[] shown)
    {
        Assert.Equal((what, HttpStatusCode.OK), (what, page.Status));
        IsNoMarkup(what, page);
        var text = WebUtility.HtmlDecode(page.Html);
        Assert.All(shown, field => Assert.True(text.Contains($"<xss-{field}", StringComparison.Ordinal), $"{what} does not show {field}."));
    }

    private async Task<SignedIn> SignInAsync()
    {
        var account = await AdminAccount.CreateNamedAsync(platform, Hostile("user" + SignedRequests.Nonce()[..8]), Cancellation, AdministratorRoles.Administrator);
        var browser = await AdminBrowser.OpenAsync(platform, Cancellation);
        browser.UserAgent = Hostile("agnt");
        await account.SignInAsync(browser, Cancellation);
        return new SignedIn(account, browser);
    }

    /// <summary>An application with rows of every kind, hostile in every field that holds text, however it came there.</summary>
    private async Task<TestApplication> FillAsync(AdminAccount owner)
    {
        var application = await platform.CreateApplicationAsync(a => (a.Name, a.Audience) = (Hostile("name"), Hostile("audi")), Cancellation);
        await owner.OwnAsync(platform, application, Cancellation);
        var body = new JsonObject
        {
            ["unique_key"] = Hostile("uniq"),
            ["device"] = Hostile("devi"),
            ["claims"] = new JsonObject { ["note"] = Hostile("clai") },
            ["timestamp"] = SignedRequests.Now(),
        };
        var (status, answer) = await platform.SendSignedAsync(application, "/auth/token", () => body.ToJsonString(), Cancellation);
        Assert.True(status == HttpStatusCode.OK, answer.ToString());

        // What no request gets past is written to the rows.
        await using var database = await platform.OpenAuthDatabaseAsync(Cancellation);
        var row = await database.Applications.Include(a => a.Secrets).SingleAsync(a => a.ClientId == application.ClientId, Cancellation);
        (row.AllowedIps, row.ResourceServers) = ([Hostile("adrs")], [Hostile("serv")]);
        (row.Secrets.Single().LastUsedAt, row.Secrets.Single().LastUsedFrom) = (TimeProvider.System.GetUtcNow(), Hostile("from"));
        var now = TimeProvider.System.GetUtcNow();
        database.AuditEvents.AddRange(new[] { AuditKinds.Rejected, Hostile("aknd") }.Select(kind => new AuditEvent
        {
            OccurredAt = now,
            Id = Guid.CreateVersion7(now),
            ApplicationId = row.Id,
            ClientId = application.ClientId,
            Kind = kind,
            Code = Hostile("code"),
            UniqueKey = Hostile("uniq"),
            Address = Hostile("addr"),
            Actor = owner.UserName,
            Details = JsonSerializer.Serialize(new Dictionary<string, object>
            {
                [Hostile("dnam")] = Hostile("dval"),
                ["setting"] = new { before = Hostile("befo"), after = Hostile("aftr") },
                ["list"] = new[] { Hostile("list") },
            }),
        }));
        database.AdministratorPasskeys.Add(new AdministratorPasskey
        {
            CredentialId = Guid.CreateVersion7(now).ToByteArray(),
            AdministratorId = owner.Id,
            Name = Hostile("pkey"),
            PublicKey = [1],
            SignCount = 0,
            Transports = [],
            IsUserVerified = true,
            IsBackupEligible = false,
            IsBackedUp = false,
            AttestationObject = [],
            ClientDataJson = [],
            CreatedAt = now,
        });
        await database.SaveChangesAsync(Cancellation);
        await database.Database.ExecuteSqlAsync($"UPDATE sessions SET ip = {Hostile("addr")} WHERE application_id = {row.Id}", Cancellation);
        var minute = new DateTimeOffset(now.UtcTicks - (now.UtcTicks % TimeSpan.TicksPerMinute), TimeSpan.Zero);
        await database.Database.ExecuteSqlAsync(
            $"INSERT INTO traffic_counts (minute, kind, code, count) VALUES ({minute}, 'rejected', {Hostile("code")}, 1000000) ON CONFLICT DO NOTHING", Cancellation);
        return application;
    }

    private sealed record SignedIn(AdminAccount Account, AdminBrowser Browser) : IDisposable
    {
        public void Dispose() => Browser.Dispose();
    }
}
