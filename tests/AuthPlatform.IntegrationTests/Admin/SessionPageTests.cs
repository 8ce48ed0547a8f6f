using System.Net;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.RegularExpressions;
using AuthPlatform.Data.Admin;
using AuthPlatform.Data.Auth;
using AuthPlatform.IntegrationTests.Infrastructure;
using Microsoft.EntityFrameworkCore;

namespace AuthPlatform.IntegrationTests.Admin;

/// <summary>Finding sessions and ending them by the pages.</summary>
public sealed class SessionPageTests(AuthPlatformFixture platform)
{
    private const string Script = "<script>alert(1)</script>\"'><img src=x onerror=alert(2)>";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("user")]
    [InlineData("session")]
    [InlineData("device")]
    [InlineData("ip")]
    [InlineData("app")]
    public async Task Session_SearchedByAnyOfItsProperties_IsFoundAlone(string by)
    {
        var application = await platform.CreateApplicationAsync(_ => { }, Cancellation);
        var (user, device) = (SignedRequests.NewUser(), "device " + SignedRequests.Nonce());
        var ip = $"2001:db8::{RandomNumberGenerator.GetInt32(1, 65536):x}:{RandomNumberGenerator.GetInt32(1, 65536):x}";
        var session = await IssueAsync(application, user, device, ip);
        using var browser = await AdminAccount.SignInAsync(platform, Cancellation, AdministratorRoles.Auditor);

        var value = by switch { "user" => user, "session" => session, "device" => device, "ip" => ip.ToUpperInvariant(), _ => application.ClientId };
        var page = await browser.GetAsync($"/admin/sessions?{by}={Uri.EscapeDataString(value)}", Cancellation);

        Assert.Equal([session], Sessions(page));
        Assert.Contains(user, page.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("name=\"only\"", page.Html, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Session_EndedByAnAdministrator_IsRefusedAtOnceAndAudited()
    {
        var application = await platform.CreateApplicationAsync(_ => { }, Cancellation);
        var tokens = await platform.IssueAsync(application, SignedRequests.NewUser(), Cancellation);
        var (access, id) = (tokens.GetProperty("access_token").GetString()!, tokens.GetProperty("session_id").GetString()!);
        Assert.Equal(HttpStatusCode.OK, (await platform.VerifyAsync(application, access, Cancellation)).Status);
        var account = await AdminAccount.CreateAsync(platform, Cancellation, AdministratorRoles.ApplicationManager);
        using var browser = await AdminBrowser.OpenAsync(platform, Cancellation);
        await account.SignInAsync(browser, Cancellation);

        var path = $"/admin/sessions?app={application.ClientId}";
        var answer = await browser.SubmitAsync(await browser.GetAsync(path, Cancellation), path + "&handler=End", Cancellation, ("only", id));

        foreach (var replica in platform.TokenApis)
        {
            var (status, _) = await AuthPlatformFixture.SendFreshAsync(replica, () => SignedRequests.V2(application, "/auth/verify", SignedRequests.VerifyBody(access)), Cancellation);
            Assert.Equal(HttpStatusCode.Unauthorized, status);
        }

        Assert.Equal(HttpStatusCode.Unauthorized, (await platform.TryRefreshAsync(application, tokens.GetProperty("refresh_token").GetString()!, Cancellation)).Status);
        Assert.Contains("One session has ended", (await browser.BrowseAsync(answer.Location!, Cancellation)).Text, StringComparison.Ordinal);
        await using var database = await platform.OpenAuthDatabaseAsync(Cancellation);
        var audited = await database.AuditEvents.SingleAsync(e => e.SessionId == Guid.Parse(id) && e.Kind == AuditKinds.Revoked, Cancellation);
        Assert.Equal((account.UserName, application.ClientId), (audited.Actor, audited.ClientId));
    }

    [Fact]
    public async Task Sessions_OfAnotherOwner_AreNeitherShownNorEnded()
    {
        var (mine, theirs) = (await platform.CreateApplicationAsync(_ => { }, Cancellation), await platform.CreateApplicationAsync(_ => { }, Cancellation));
        var user = SignedRequests.NewUser();
        var (own, other) = (await IssueAsync(mine, user), await IssueAsync(theirs, user));
        var owner = await AdminAccount.CreateAsync(platform, Cancellation);
        await owner.OwnAsync(platform, mine, Cancellation);
        using var browser = await AdminBrowser.OpenAsync(platform, Cancellation);
        await owner.SignInAsync(browser, Cancellation);

        string[] searches = ["", $"?user={user}", $"?user={user}&app={mine.ClientId}", "?ip=203.0.113.9", $"?session={own}"];
        foreach (var search in searches)
        {
            Assert.Equal([own], Sessions(await browser.GetAsync("/admin/sessions" + search, Cancellation)));
        }

        Assert.Empty(Sessions(await browser.GetAsync($"/admin/sessions?app={theirs.ClientId}", Cancellation)));
        Assert.Empty(Sessions(await browser.GetAsync($"/admin/sessions?session={other}", Cancellation)));
        var form = await browser.GetAsync("/admin/sessions", Cancellation);
        await browser.SubmitAsync(form, "/admin/sessions?handler=End", Cancellation, ("ids", other));
        await browser.SubmitAsync(form, $"/admin/sessions/end?session={other}", Cancellation);
        Assert.True(await IsThereAsync(other));
        await browser.SubmitAsync(form, $"/admin/sessions/end?user={user}", Cancellation);
        Assert.True(await IsThereAsync(other));
        Assert.False(await IsThereAsync(own));
    }

    [Fact]
    public async Task Sessions_OfManyPages_AreEachShownOnceAndEndedTogether()
    {
        var application = await platform.CreateApplicationAsync(_ => { }, Cancellation);
        var issued = new List<string>();
        foreach (var user in Enumerable.Range(0, 23).Select(n => $"user {n}"))
        {
            issued.Add(await IssueAsync(application, user));
        }

        var outsider = await IssueAsync(await platform.CreateApplicationAsync(_ => { }, Cancellation), "user 1");
        using var browser = await AdminAccount.SignInAsync(platform, Cancellation, AdministratorRoles.Administrator);
        issued.Reverse();

        var page = await browser.GetAsync($"/admin/sessions?app={application.ClientId}&size=10", Cancellation);
        var shown = Sessions(page).ToList();
        while (Link(page, "next") is { } next)
        {
            page = await browser.GetAsync(next, Cancellation);
            shown.AddRange(Sessions(page));
        }

        Assert.Equal(issued, shown);
        page = await browser.GetAsync(Link(page, "prev")!, Cancellation);
        Assert.Equal(issued[10..20], Sessions(page));

        var confirm = await browser.GetAsync($"/admin/sessions/end?app={application.ClientId}", Cancellation);
        Assert.Contains("Sessions that this finds: 23.", confirm.Text, StringComparison.Ordinal);
        await browser.SubmitAsync(confirm, $"/admin/sessions/end?app={application.ClientId}", Cancellation);

        await using var database = await platform.OpenAuthDatabaseAsync(Cancellation);
        Assert.Equal(0, await database.Sessions.CountAsync(s => s.KeyId != "" && issued.Select(Guid.Parse).Contains(s.Id), Cancellation));
        Assert.True(await IsThereAsync(outsider));
        var summary = await database.AuditEvents.SingleAsync(e => e.ClientId == application.ClientId && e.Kind == AuditKinds.SessionsEnded, Cancellation);
        Assert.Equal((23, application.ClientId), (summary.Count, JsonDocument.Parse(summary.Details!).RootElement.GetProperty("app").GetString()));
    }

    /// <summary>The page posts itself until all are ended, and what it ends stands in its address.</summary>
    [Fact]
    public async Task End_LongAfterTheSignIn_AsksForANewProofAndComesBackToTheSameSearch()
    {
        var application = await platform.CreateApplicationAsync(_ => { }, Cancellation);
        var session = await IssueAsync(application, SignedRequests.NewUser());
        var account = await AdminAccount.CreateAsync(platform, Cancellation, AdministratorRoles.ApplicationManager);
        using var browser = await AdminBrowser.OpenAsync(platform, Cancellation);
        await account.SignInAsync(browser, Cancellation);
        var path = $"/admin/sessions/end?app={application.ClientId}";
        var form = await browser.GetAsync(path, Cancellation);
        await account.AgeProofAsync(platform, Cancellation);

        // A handler in the address would be asked by the next form, too.
        var asked = await browser.SubmitAsync(form, path + "&handler=Other", Cancellation);
        Assert.Equal("/admin/account/confirm?returnUrl=" + Uri.EscapeDataString(path), asked.Location);
        var confirm = await browser.GetAsync(asked.Location!, Cancellation);
        Assert.Contains("nothing was done with it", confirm.Text, StringComparison.Ordinal);
        var back = WebUtility.HtmlDecode(Regex.Match(confirm.Html, "name=\"ReturnUrl\" value=\"([^\"]+)\"").Groups[1].Value);
        var confirmed = await browser.SubmitAsync(confirm, "/admin/account/confirm", Cancellation, ("Code", account.NextCode()), ("ReturnUrl", back));

        Assert.Equal(path, confirmed.Location);
        Assert.Contains("Sessions that this finds: 1.", (await browser.GetAsync(path, Cancellation)).Text, StringComparison.Ordinal);
        Assert.True(await IsThereAsync(session));
    }

    [Fact]
    public async Task Session_OfHostileText_IsShownAsText()
    {
        var application = await platform.CreateApplicationAsync(a => a.Name = Script, Cancellation);
        await IssueAsync(application, Script, Script, "");
        using var browser = await AdminAccount.SignInAsync(platform, Cancellation, AdministratorRoles.Administrator);

        string[] paths = [$"/admin/sessions?app={application.ClientId}", $"/admin/sessions?user={Uri.EscapeDataString(Script)}", $"/admin/sessions/end?user={Uri.EscapeDataString(Script)}", $"/admin/audit?app={application.ClientId}"];
        foreach (var path in paths)
        {
            var page = await browser.GetAsync(path, Cancellation);
            Assert.Equal(HttpStatusCode.OK, page.Status);
            Assert.DoesNotContain("<script>alert", page.Html, StringComparison.Ordinal);
            Assert.DoesNotContain("<img src=x", page.Html, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("user=%00")]
    [InlineData("user=LONG&device=LONG&actor=LONG&session=LONG&kind=LONG")]
    [InlineData("user=%25%25%25%25_____&device=%25&ip=%25")]
    [InlineData("session=%27%3B%20drop%20table%20sessions%20--")]
    [InlineData("key=any")]
    [InlineData("size=NaN&at=NaN&key=%22&app=%27%29%3B%20delete%20from%20sessions%20--")]
    [InlineData("sort=id;delete&order=(select+pg_sleep(10))&kind=%27%20OR%20%271%27=%271&actor=%25&user=%E2%80%AE&at=-1")]
    [InlineData("size=2147483648&at=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")]
    [InlineData("at=%00&app=%F0%9F%92%A9&user=%ED%A0%80")]
    public async Task Search_ForNonsense_FindsNothingOrAllButNeverFails(string query)
    {
        using var browser = await AdminAccount.SignInAsync(platform, Cancellation, AdministratorRoles.Administrator);
        // Longer than any column, and cut in the middle of a character.
        query = query.Replace("LONG", new string('a', 1023) + "😀", StringComparison.Ordinal);

        var audit = $"/admin/audit?{query}&address=%25&from=9999-99-99T99:99&to=0001-01-01T00:00&kind=%25";
        foreach (var path in new[] { $"/admin/sessions?{query}", audit, audit + "&handler=csv", audit + "&handler=json" })
        {
            // What no text can hold is a bad request.
            Assert.Equal(query.Contains("%00", StringComparison.Ordinal) ? HttpStatusCode.BadRequest : HttpStatusCode.OK, (await browser.GetAsync(path, Cancellation)).Status);
        }
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(0, 1)]
    [InlineData(1, 255)]
    [InlineData(-1, 0)]
    [InlineData(3155378975999999999, 0)]
    [InlineData(3155378975999999999, 1)]
    [InlineData(3155378976000000000, 1)]
    [InlineData(long.MaxValue, 0)]
    [InlineData(long.MinValue, 1)]
    public async Task Cursor_ThatNoPageGave_GivesAPage(long ticks, byte direction)
    {
        using var browser = await AdminAccount.SignInAsync(platform, Cancellation, AdministratorRoles.Administrator);
        byte[] cursor = [.. BitConverter.GetBytes(IPAddress.HostToNetworkOrder(ticks)), .. RandomNumberGenerator.GetBytes(16), direction];

        foreach (var path in new[] { "/admin/sessions", "/admin/audit" })
        {
            Assert.Equal(HttpStatusCode.OK, (await browser.GetAsync($"{path}?at={System.Buffers.Text.Base64Url.EncodeToString(cursor)}", Cancellation)).Status);
        }
    }

    private static List<string> Sessions(AdminPage page) => [.. Regex.Matches(page.Html, """<code class="hint block break-all">([0-9a-f-]{36})</code>""").Select(m => m.Groups[1].Value)];

    private static string? Link(AdminPage page, string rel) =>
        Regex.Match(page.Html, $"""rel="{rel}" href="([^"]+)""") is { Success: true } match ? WebUtility.HtmlDecode(match.Groups[1].Value) : null;

    private async Task<string> IssueAsync(TestApplication application, string user, string device = "", string ip = "203.0.113.9")
    {
        var (status, body) = await platform.SendSignedAsync(application, "/auth/token", () => SignedRequests.TokenBody(user, device, ip), Cancellation);
        Assert.Equal(HttpStatusCode.OK, status);
        return body.GetProperty("session_id").GetString()!;
    }

    private async Task<bool> IsThereAsync(string session)
    {
        await using var database = await platform.OpenAuthDatabaseAsync(Cancellation);
        return await database.Sessions.AnyAsync(s => s.Id == Guid.Parse(session), Cancellation);
    }
}
