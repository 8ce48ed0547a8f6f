using System.Net;
using System.Text.RegularExpressions;
using AuthPlatform.Data.Admin;
using AuthPlatform.Data.Auth;
using AuthPlatform.IntegrationTests.Infrastructure;
using Microsoft.EntityFrameworkCore;

namespace AuthPlatform.IntegrationTests.Admin;

/// <summary>What can be done with applications, and what cannot be done through them.</summary>
public sealed class ApplicationPageTests(AuthPlatformFixture platform)
{
    private const string Markup = "\"><img src=x onerror=alert(1)>'</script><script>alert(2)</script>{{7*7}}";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task New_WithAName_ShowsASecretOnceThatGetsATokenAtOnce()
    {
        using var browser = await AdminAccount.SignInAsync(platform, Cancellation, AdministratorRoles.ApplicationManager);

        var made = await browser.FillAsync("/admin/new-application", Cancellation, ("Name", "A shop"));
        var created = Shown(made);
        var token = await platform.IssueAsync(created, "user", Cancellation);

        Assert.Equal(created.ClientId, (await platform.VerifyAsync(created, token.Text("access_token"), Cancellation)).Body.Text("client_id"));
        Assert.Contains("no-store", made.Headers["Cache-Control"], StringComparison.Ordinal);
        foreach (var page in new[] { "", "/secrets", "/keys", "/owners", "/delete" })
        {
            Assert.DoesNotContain(created.Secret, (await browser.GetAsync($"/admin/applications/{created.ClientId}{page}", Cancellation)).Html, StringComparison.Ordinal);
        }

        await using var database = await platform.OpenAuthDatabaseAsync(Cancellation);
        var written = await database.AuditEvents.SingleAsync(e => e.ClientId == created.ClientId && e.Kind == AuditKinds.ApplicationCreated, Cancellation);
        Assert.StartsWith("admin-", written.Actor, StringComparison.Ordinal);
        Assert.NotNull(written.Address);
    }

    [Fact]
    public async Task Settings_Changed_CountAtOnceAndAreAuditedBeforeAndAfter()
    {
        using var browser = await AdminAccount.SignInAsync(platform, Cancellation, AdministratorRoles.ApplicationManager);
        var application = await platform.CreateApplicationAsync(_ => { }, Cancellation);

        var saved = await SaveAsync(browser, application, ("Input.AccessLifetime", "10m"), ("Input.AllowedIps", "127.0.0.0/8\r\n::1\r\n10.0.0.1-10.0.0.9"), ("Input.SessionScope", "user"));

        Assert.Equal(HttpStatusCode.Found, saved.Status);
        await using var database = await platform.OpenAuthDatabaseAsync(Cancellation);
        var row = await database.Applications.SingleAsync(a => a.ClientId == application.ClientId, Cancellation);
        Assert.Equal((600, SessionScopes.User), (row.AccessLifetimeSeconds, row.SessionScope));
        Assert.Equal(["127.0.0.0/8", "::1", "10.0.0.1-10.0.0.9"], row.AllowedIps);
        var written = await database.AuditEvents.SingleAsync(e => e.ClientId == application.ClientId && e.Kind == AuditKinds.ApplicationChanged, Cancellation);
        Assert.Contains("""{"after": 600, "before": 300}""", written.Details, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Settings_ThatAreWrong_AreToldLineByLineAndNothingIsSaved()
    {
        using var browser = await AdminAccount.SignInAsync(platform, Cancellation, AdministratorRoles.ApplicationManager);
        var application = await platform.CreateApplicationAsync(_ => { }, Cancellation);

        var page = await SaveAsync(
            browser, application, ("Input.Name", ""), ("Input.AccessLifetime", "2h"), ("Input.RefreshIdle", "soon"), ("Input.AllowedIps", "10.0.0.0/8\nnonsense\n1.2.3.4\n999.1.1.1"), ("Input.RefreshFormat", "xml"));

        Assert.Equal(HttpStatusCode.OK, page.Status);
        foreach (var text in new[] { "Line 2: 'nonsense'", "Line 4: '999.1.1.1'", "60 to 3600 s, not 7200 s", "Write a number and", "1 to 200 characters", "not 'xml'" })
        {
            Assert.Contains(text, page.Text, StringComparison.Ordinal);
        }

        await using var database = await platform.OpenAuthDatabaseAsync(Cancellation);
        Assert.Equal(300, (await database.Applications.SingleAsync(a => a.ClientId == application.ClientId, Cancellation)).AccessLifetimeSeconds);
    }

    [Fact]
    public async Task Settings_ChangedByTwoAtOnce_AreNotOverwritten()
    {
        using var browser = await AdminAccount.SignInAsync(platform, Cancellation, AdministratorRoles.ApplicationManager);
        var application = await platform.CreateApplicationAsync(_ => { }, Cancellation);
        var form = await browser.GetAsync(Address(application), Cancellation);

        var answers = new[]
        {
            await browser.SubmitAsync(form, Address(application), Cancellation, Fields(form, ("Input.Name", "First"))),
            await browser.SubmitAsync(form, Address(application), Cancellation, Fields(form, ("Input.Name", "Second"))),
        };

        Assert.Equal([HttpStatusCode.Found, HttpStatusCode.OK], answers.Select(page => page.Status));
        Assert.Contains("Somebody else has changed this application", answers[1].Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Settings_WithFieldsThatNoFormHas_ChangeNothingElse()
    {
        using var browser = await AdminAccount.SignInAsync(platform, Cancellation, AdministratorRoles.ApplicationManager);
        var application = await platform.CreateApplicationAsync(_ => { }, Cancellation);
        await using var database = await platform.OpenAuthDatabaseAsync(Cancellation);
        var before = await database.Applications.AsNoTracking().SingleAsync(a => a.ClientId == application.ClientId, Cancellation);

        await SaveAsync(
            browser,
            application,
            ("Input.Enabled", "false"),
            ("Input.ClientId", "mine"),
            ("Application.Enabled", "false"),
            ("Application.ClientId", "mine"),
            ("Application.RefreshKeyEncrypted", "AAAA"),
            ("Application.Secrets[0].ExpiresAt", "2020-01-01"),
            ("Enabled", "false"),
            ("ClientId", "mine"),
            ("MayChange", "true"));

        var after = await database.Applications.AsNoTracking().Include(a => a.Secrets).SingleAsync(a => a.Id == before.Id, Cancellation);
        Assert.Equal((before.ClientId, before.Enabled), (after.ClientId, after.Enabled));
        Assert.Equal(before.RefreshKeyEncrypted, after.RefreshKeyEncrypted);
        Assert.Null(Assert.Single(after.Secrets).ExpiresAt);
    }

    [Fact]
    public async Task New_WithFieldsThatNoFormHas_IsMadeAsAnyOther()
    {
        using var browser = await AdminAccount.SignInAsync(platform, Cancellation, AdministratorRoles.ApplicationManager);
        var (id, mine) = (Guid.CreateVersion7(TimeProvider.System.GetUtcNow()), "mine-" + SignedRequests.Nonce()[..12]);

        var made = Shown(await browser.FillAsync(
            "/admin/new-application",
            Cancellation,
            ("Name", "A shop"),
            ("Id", id.ToString()),
            ("ClientId", mine),
            ("Secret", mine),
            ("Made.ClientId", mine),
            ("Made.Secret", mine),
            ("Application.ClientId", mine),
            ("Enabled", "false"),
            ("AllowedIps", "10.0.0.1"),
            ("CreatedAt", "2020-01-01"),
            ("RefreshKeyEncrypted", "AAAA"),
            ("kid", mine),
            ("private_key", mine),
            ("Owners", mine)));

        await using var database = await platform.OpenAuthDatabaseAsync(Cancellation);
        var row = await database.Applications.Include(a => a.Secrets).SingleAsync(a => a.ClientId == made.ClientId, Cancellation);
        Assert.True(row.Enabled && row.AllowedIps.Length == 0 && row.Id != id && row.CreatedAt.Year > 2020 && row.RefreshKeyEncrypted.Length > 32);
        Assert.False(await database.Applications.AnyAsync(a => a.ClientId == mine, Cancellation));
        Assert.DoesNotContain(mine, made.Secret, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Application_OfAnotherOwner_IsNotThere()
    {
        using var people = await AdminPeople.SignInAsync(platform, Cancellation);
        var others = await platform.CreateApplicationAsync(a => a.Name = "Somebody else's", Cancellation);
        var owner = people["owner"];
        var form = await owner.GetAsync(Address(people.Owned), Cancellation);

        foreach (var part in new[] { "", "/secrets", "/keys", "/keys/rotate", "/owners", "/delete" })
        {
            Assert.Contains((await owner.GetAsync(Address(others) + part, Cancellation)).Status, new[] { HttpStatusCode.NotFound, HttpStatusCode.Forbidden });
        }

        // The form of the own application, sent to the other's address or naming it in the query.
        Assert.Equal(HttpStatusCode.NotFound, (await owner.SubmitAsync(form, Address(others), Cancellation, Fields(form, ("Input.Name", "Mine")))).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await owner.SubmitAsync(form, Address(others) + "/secrets?handler=Add", Cancellation)).Status);
        await owner.SubmitAsync(form, $"{Address(people.Owned)}?clientId={others.ClientId}", Cancellation, [.. Fields(form, ("Input.Name", "Mine")), ("clientId", others.ClientId)]);

        await using var database = await platform.OpenAuthDatabaseAsync(Cancellation);
        Assert.Equal("Somebody else's", (await database.Applications.SingleAsync(a => a.ClientId == others.ClientId, Cancellation)).Name);
        var list = await owner.GetAsync("/admin/applications?size=100", Cancellation);
        Assert.Contains(people.Owned.ClientId, list.Html, StringComparison.Ordinal);
        Assert.DoesNotContain(others.ClientId, list.Html, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Name_WithMarkup_IsShownAsItIs()
    {
        var person = await AdminAccount.CreateAsync(platform, Cancellation);
        await using var database = await platform.OpenAuthDatabaseAsync(Cancellation);
        var hostile = "<b onclick=alert(1)>" + person.UserName;
        await database.Administrators.Where(a => a.Id == person.Id).ExecuteUpdateAsync(set => set.SetProperty(a => a.UserName, hostile).SetProperty(a => a.NormalizedUserName, hostile.ToUpperInvariant()), Cancellation);
        var application = await platform.CreateApplicationAsync(a => (a.Name, a.Audience, a.AllowedIps, a.ResourceServers) = (Markup, Markup, [Markup], [Markup]), Cancellation);
        await person.OwnAsync(platform, application, Cancellation);
        using var browser = await AdminAccount.SignInAsync(platform, Cancellation, AdministratorRoles.Administrator);

        foreach (var address in new[]
        {
            $"/admin/applications?q={application.ClientId}", Address(application), Address(application) + "/secrets", Address(application) + "/keys", Address(application) + "/keys/rotate",
            Address(application) + "/owners", Address(application) + "/delete", $"/admin/users?q={person.UserName}", $"/admin/users/{person.Id}",
        })
        {
            var page = await browser.GetAsync(address, Cancellation);
            Assert.Equal((address, HttpStatusCode.OK), (address, page.Status));
            Assert.True(page.Text.Contains(Markup[..8], StringComparison.Ordinal) || page.Text.Contains("<b onclick", StringComparison.Ordinal), address);
            Assert.DoesNotMatch("<img src=x|<b onclick|<script>|<script(?![^>]*\\ssrc=)", page.Html);
        }
    }

    [Theory]
    [InlineData("?page=999999999999999999999&size=10")]
    [InlineData("?page=2147483647&size=100")]
    [InlineData("?page=-1&size=-1")]
    [InlineData("?page=abc&size=1000000")]
    [InlineData("?page=NaN&size=NaN")]
    [InlineData("?page=1e9&size=0x10")]
    [InlineData("?page=%D9%A1&size=%2B10")]
    [InlineData("?page=0&size=0")]
    [InlineData("?from=0001-01-01&to=9999-12-31")]
    [InlineData("?from=2026-13-45&to=';DROP TABLE applications;--&state=enabled' OR '1'='1")]
    [InlineData("?q=%25%5C_%22%27&owner=%25&role=x&state=x")]
    [InlineData("?q=&q=a&page=1&page=2&sort=name;delete&order=(select pg_sleep(10))")]
    public async Task List_AskedForWhatIsNot_AnswersAsUsual(string query)
    {
        using var browser = await AdminAccount.SignInAsync(platform, Cancellation, AdministratorRoles.Administrator);
        browser.Cookies["__Host-authplatform-zone"] = "Pacific/Kiritimati";

        foreach (var list in new[] { "/admin/applications", "/admin/users" })
        {
            Assert.Equal(HttpStatusCode.OK, (await browser.GetAsync(list + query, Cancellation)).Status);
        }
    }

    [Theory]
    [InlineData("/admin/applications?q=a%00")]
    [InlineData("/admin/applications?owner=%00")]
    [InlineData("/admin/applications/%00")]
    [InlineData("/admin/users?q=%00")]
    public async Task NullCharacter_InAnyField_IsABadRequest(string address)
    {
        using var browser = await AdminAccount.SignInAsync(platform, Cancellation, AdministratorRoles.Administrator);

        Assert.Equal(HttpStatusCode.BadRequest, (await browser.GetAsync(address, Cancellation)).Status);
        var form = await browser.GetAsync("/admin/users/invite", Cancellation);
        Assert.Equal(HttpStatusCode.BadRequest, (await browser.SubmitAsync(form, "/admin/users/invite", Cancellation, ("UserName", "a name\0"))).Status);
    }

    [Fact]
    public async Task Search_ByAnyField_FindsWhatFits()
    {
        var mark = SignedRequests.Nonce()[..12];
        var person = await AdminAccount.CreateAsync(platform, Cancellation);
        var first = await platform.CreateApplicationAsync(a => a.Name = $"50%_off {mark}", Cancellation);
        var second = await platform.CreateApplicationAsync(a => (a.Name, a.Enabled) = ($"50 of {mark}", false), Cancellation);
        await person.OwnAsync(platform, second, Cancellation);
        using var browser = await AdminAccount.SignInAsync(platform, Cancellation, AdministratorRoles.Auditor);
        var today = TimeProvider.System.GetUtcNow().ToString("yyyy-MM-dd");

        await FindsAsync($"?q={mark}", first, second);
        await FindsAsync($"?q={Uri.EscapeDataString("50%_")}", first);
        await FindsAsync($"?q={second.ClientId}", second);
        await FindsAsync($"?q={mark}&state=disabled", second);
        await FindsAsync($"?owner={person.UserName}", second);
        await FindsAsync($"?q={mark}&from={today}&to={today}", first, second);
        await FindsAsync($"?q={mark}&to=2020-01-01");

        async Task FindsAsync(string query, params TestApplication[] expected)
        {
            var page = await browser.GetAsync("/admin/applications" + query, Cancellation);
            Assert.Equal((query, string.Join(' ', expected.Select(a => a.ClientId).Order())), (query, string.Join(' ', new[] { first, second }.Select(a => a.ClientId).Where(id => page.Html.Contains($"<code>{id}</code>", StringComparison.Ordinal)).Order())));
        }
    }

    [Fact]
    public async Task Secret_AddedAndTheFirstEnded_ReplacesItWithoutAPause()
    {
        using var browser = await AdminAccount.SignInAsync(platform, Cancellation, AdministratorRoles.ApplicationManager);
        var application = await platform.CreateApplicationAsync(_ => { }, Cancellation);
        var secrets = Address(application) + "/secrets";

        var second = Shown(await browser.SubmitAsync(await browser.GetAsync(secrets, Cancellation), secrets + "?handler=Add", Cancellation));
        var third = await browser.SubmitAsync(await browser.GetAsync(secrets, Cancellation), secrets + "?handler=Add", Cancellation);
        Assert.Contains("Both places are taken", third.Text, StringComparison.Ordinal);
        await platform.IssueAsync(application, "user", Cancellation);
        await platform.IssueAsync(second, "user", Cancellation);

        var form = await browser.GetAsync(secrets, Cancellation);
        var first = Regex.Match(form.Html, """name="secret" value="([^"]+)""").Groups[1].Value;
        var ended = await browser.SubmitAsync(form, secrets + "?handler=End", Cancellation, ("secret", first), ("after", "7d"), ("now", "true"));

        Assert.Equal(HttpStatusCode.Found, ended.Status);
        Assert.Equal(HttpStatusCode.OK, (await platform.SendAsync(SignedRequests.V2(second, "/auth/token", SignedRequests.TokenBody("user")), Cancellation)).Status);
        // The message to each replica takes a moment, far shorter than this number of requests.
        var refused = HttpStatusCode.OK;
        for (var attempt = 0; attempt < 100 && refused != HttpStatusCode.Unauthorized; attempt++)
        {
            refused = (await platform.SendAsync(SignedRequests.V2(application, "/auth/token", SignedRequests.TokenBody("user")), Cancellation)).Status;
        }

        Assert.Equal(HttpStatusCode.Unauthorized, refused);
    }

    [Fact]
    public async Task Key_RotatedAndRevokedByPage_LetsOldTokensLiveAndThenDie()
    {
        using var browser = await AdminAccount.SignInAsync(platform, Cancellation, AdministratorRoles.ApplicationManager);
        var application = await platform.CreateApplicationAsync(_ => { }, Cancellation);
        var issued = await platform.IssueAsync(application, "user", Cancellation);
        var (token, kid) = (issued.Text("access_token"), issued.Text("kid"));

        var preview = await browser.GetAsync(Address(application) + "/keys/rotate", Cancellation);
        Assert.Matches($"<code[^>]*>{kid}</code></td>\\s*<td[^>]*>.*?</td>\\s*<td[^>]*>1</td>\\s*<td[^>]*>1</td>", Regex.Replace(preview.Html, "\\s+", " "));
        var form = Fields(preview);
        Assert.Equal(HttpStatusCode.Found, (await browser.SubmitAsync(preview, Address(application) + "/keys/rotate", Cancellation, form)).Status);
        // Pressed twice, it rotates once.
        Assert.Equal(HttpStatusCode.Found, (await browser.SubmitAsync(preview, Address(application) + "/keys/rotate", Cancellation, form)).Status);
        Assert.Equal(HttpStatusCode.OK, (await platform.VerifyAsync(application, token, Cancellation)).Status);
        await using var keys = await platform.OpenKeysDatabaseAsync(Cancellation);
        Assert.Equal(3, await keys.SigningKeys.CountAsync(k => k.ClientId == application.ClientId, Cancellation));
        await using var database = await platform.OpenAuthDatabaseAsync(Cancellation);
        Assert.Equal(1, await database.AuditEvents.CountAsync(e => e.ClientId == application.ClientId && e.Kind == AuditKinds.KeyRotated, Cancellation));

        var pem = await browser.GetAsync($"{Address(application)}/keys?handler=Public&kid={kid}&format=pem", Cancellation);
        using var rsa = System.Security.Cryptography.RSA.Create();
        rsa.ImportFromPem(pem.Html);
        Assert.Equal(2048, rsa.KeySize);
        Assert.DoesNotContain("PRIVATE", pem.Html, StringComparison.Ordinal);

        var revoke = $"{Address(application)}/keys/{kid}/revoke";
        Assert.Equal(HttpStatusCode.OK, (await browser.FillAsync(revoke, Cancellation, ("Typed", "yes"))).Status);
        Assert.Equal(HttpStatusCode.Found, (await browser.FillAsync(revoke, Cancellation, ("Typed", kid))).Status);
        Assert.Equal(HttpStatusCode.Unauthorized, await UntilRefusedAsync(application, token));
        Assert.Equal(1, await database.AuditEvents.CountAsync(e => e.ClientId == application.ClientId && e.Kind == AuditKinds.KeyRevoked && e.Actor != null, Cancellation));
    }

    [Fact]
    public async Task KeySettings_Changed_AreAuditedAndUnsafeOnesRefused()
    {
        using var browser = await AdminAccount.SignInAsync(platform, Cancellation, AdministratorRoles.ApplicationManager);
        var application = await platform.CreateApplicationAsync(_ => { }, Cancellation);
        var address = Address(application) + "/keys";

        var refused = await SaveAsync("1024", "never");
        Assert.Contains("Write a number and", refused.Text, StringComparison.Ordinal);
        var small = await SaveAsync("1024", "60d");
        Assert.Contains("The Key Manager does not take that", small.Text, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.Found, (await SaveAsync("3072", "60d")).Status);

        await using var database = await platform.OpenAuthDatabaseAsync(Cancellation);
        var written = await database.AuditEvents.SingleAsync(e => e.ClientId == application.ClientId && e.Kind == AuditKinds.ApplicationChanged, Cancellation);
        Assert.Contains("rotate_every_seconds", written.Details, StringComparison.Ordinal);
        Assert.Contains("3072", written.Details, StringComparison.Ordinal);

        async Task<AdminPage> SaveAsync(string size, string rotate)
        {
            var form = await browser.GetAsync(address, Cancellation);
            return await browser.SubmitAsync(form, address, Cancellation, Fields(form, ("Input.KeySize", size), ("Input.RotateEvery", rotate), ("Input.Announce", "14d"), ("Input.Retain", "14d")));
        }
    }

    private static string Address(TestApplication application) => $"/admin/applications/{application.ClientId}";

    private static TestApplication Shown(AdminPage page) => new(
        Regex.Match(page.Html, """<code id="client-id"[^>]*>([^<]+)<""").Groups[1].Value,
        Regex.Match(page.Html, """<code id="secret"[^>]*>(cs_[^<]+)<""").Groups[1].Value);

    /// <summary>The first form of a page as a browser would send it, with some fields filled in otherwise.</summary>
    private static (string Name, string Value)[] Fields(AdminPage page, params (string Name, string Value)[] changed)
    {
        var html = page.Html[page.Html.IndexOf("<main", StringComparison.Ordinal)..];
        var fields = new Dictionary<string, string>();
        foreach (Match input in Regex.Matches(html, """<input(?=[^>]* name="(Input\.\w+|Version|RequestId|Shown)")(?=[^>]* value="([^"]*)")[^>]*>"""))
        {
            fields[input.Groups[1].Value] = WebUtility.HtmlDecode(input.Groups[2].Value);
        }

        foreach (Match select in Regex.Matches(html, """<select(?=[^>]* name="([^"]+)")[^>]*>(.*?)</select>""", RegexOptions.Singleline))
        {
            fields[select.Groups[1].Value] = Regex.Match(select.Groups[2].Value, """<option(?=[^>]* selected)(?=[^>]* value="([^"]*)")""").Groups[1].Value;
        }

        foreach (var (name, value) in changed)
        {
            fields[name] = value;
        }

        return [.. fields.Select(field => (field.Key, field.Value))];
    }

    private static async Task<AdminPage> SaveAsync(AdminBrowser browser, TestApplication application, params (string Name, string Value)[] changed)
    {
        var form = await browser.GetAsync(Address(application), Cancellation);
        return await browser.SubmitAsync(form, Address(application), Cancellation, Fields(form, changed));
    }

    private async Task<HttpStatusCode> UntilRefusedAsync(TestApplication application, string token)
    {
        var status = HttpStatusCode.OK;
        for (var attempt = 0; attempt < 200 && status == HttpStatusCode.OK; attempt++)
        {
            status = (await platform.VerifyAsync(application, token, Cancellation)).Status;
        }

        return status;
    }
}
