using System.Net;
using AuthPlatform.Data.Admin;
using AuthPlatform.IntegrationTests.Infrastructure;
using Microsoft.EntityFrameworkCore;
using static AuthPlatform.IntegrationTests.Admin.ApplicationForms;

namespace AuthPlatform.IntegrationTests.Admin;

/// <summary>What can be done with applications, and what cannot be done through them.</summary>
public sealed class ApplicationPageTests(AuthPlatformFixture platform)
{
    private const string Markup = "\"><img src=x onerror=alert(1)>'</script><script>alert(2)</script>{{7*7}}";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

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
        // The day may end meanwhile.
        var today = DateOnly.FromDateTime(TimeProvider.System.GetUtcNow().UtcDateTime);
        var person = await AdminAccount.CreateAsync(platform, Cancellation);
        var first = await platform.CreateApplicationAsync(a => a.Name = $"50%_off {mark}", Cancellation);
        var second = await platform.CreateApplicationAsync(a => (a.Name, a.Enabled) = ($"50 of {mark}", false), Cancellation);
        await person.OwnAsync(platform, second, Cancellation);
        using var browser = await AdminAccount.SignInAsync(platform, Cancellation, AdministratorRoles.Auditor);

        await FindsAsync($"?q={mark}", first, second);
        await FindsAsync($"?q={Uri.EscapeDataString("50%_")}", first);
        await FindsAsync($"?q={second.ClientId}", second);
        await FindsAsync($"?q={mark}&state=disabled", second);
        await FindsAsync($"?owner={person.UserName}", second);
        await FindsAsync($"?q={mark}&from={today:yyyy-MM-dd}&to={today.AddDays(1):yyyy-MM-dd}", first, second);
        await FindsAsync($"?q={mark}&from={today.AddDays(2):yyyy-MM-dd}");
        await FindsAsync($"?q={mark}&to=2020-01-01");

        async Task FindsAsync(string query, params TestApplication[] expected)
        {
            var page = await browser.GetAsync("/admin/applications" + query, Cancellation);
            Assert.Equal((query, string.Join(' ', expected.Select(a => a.ClientId).Order())), (query, string.Join(' ', new[] { first, second }.Select(a => a.ClientId).Where(id => page.Html.Contains($"<code>{id}</code>", StringComparison.Ordinal)).Order())));
        }
    }
}
