using System.Globalization;
using System.Net;
using System.Text.RegularExpressions;
using AuthPlatform.Data.Admin;
using AuthPlatform.Data.Auth;
using AuthPlatform.IntegrationTests.Infrastructure;
using Microsoft.EntityFrameworkCore;

namespace AuthPlatform.IntegrationTests.Admin;

/// <summary>That the list of sessions finds, shows and ends those that are meant, and no others.</summary>
public sealed class SessionListTests(AuthPlatformFixture platform)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>An application may call its users what it likes, and these are two.</summary>
    [Fact]
    public async Task User_WithASpaceBehind_IsAnotherOne()
    {
        var application = await platform.CreateApplicationAsync(_ => { }, Cancellation);
        var user = SignedRequests.NewUser();
        var (plain, spaced) = (await IssueAsync(application, user), await IssueAsync(application, user + " "));
        using var browser = await AdminAccount.SignInAsync(platform, Cancellation, AdministratorRoles.Administrator);

        Assert.Equal([plain], Sessions(await browser.GetAsync($"/admin/sessions?user={user}", Cancellation)));
        Assert.Equal([spaced], Sessions(await browser.GetAsync($"/admin/sessions?user={user}%20", Cancellation)));
        // One space is a user, and no reason to show all.
        Assert.Empty(Sessions(await browser.GetAsync($"/admin/sessions?app={application.ClientId}&user=%20", Cancellation)));
        await browser.FillAsync($"/admin/sessions/end?user={user}%20", Cancellation);

        Assert.Equal([plain], Sessions(await browser.GetAsync($"/admin/sessions?app={application.ClientId}", Cancellation)));
    }

    /// <summary>As long as an application may describe one, in characters most of which are two to a browser and to a server.</summary>
    [Fact]
    public async Task Device_OfTheGreatestLength_IsFoundAndEndedByItsLink()
    {
        var application = await platform.CreateApplicationAsync(_ => { }, Cancellation);
        var device = SignedRequests.Nonce() + string.Concat(Enumerable.Repeat("😀", 480));
        var (status, issued) = await platform.SendSignedAsync(application, "/auth/token", () => SignedRequests.TokenBody(SignedRequests.NewUser(), device), Cancellation);
        Assert.Equal(HttpStatusCode.OK, status);
        using var browser = await AdminAccount.SignInAsync(platform, Cancellation, AdministratorRoles.Administrator);

        var list = await browser.GetAsync($"/admin/sessions?app={application.ClientId}", Cancellation);
        var link = WebUtility.HtmlDecode(Regex.Match(list.Html, "href=\"(/admin/sessions\\?device=[^\"]+)").Groups[1].Value);

        Assert.Equal([issued.Text("session_id")], Sessions(await browser.GetAsync(link, Cancellation)));
        await browser.FillAsync(link.Replace("/sessions?", "/sessions/end?", StringComparison.Ordinal), Cancellation);
        Assert.Empty(Sessions(await browser.GetAsync($"/admin/sessions?app={application.ClientId}", Cancellation)));
    }

    /// <summary>Browsers press the first button of a form when somebody types Enter in one of its fields, a box to tick included.</summary>
    [Fact]
    public async Task Button_ThatEnterPresses_EndsWhatIsTicked()
    {
        var application = await platform.CreateApplicationAsync(_ => { }, Cancellation);
        await IssueAsync(application, SignedRequests.NewUser());
        using var browser = await AdminAccount.SignInAsync(platform, Cancellation, AdministratorRoles.Administrator);

        var page = await browser.GetAsync($"/admin/sessions?app={application.ClientId}", Cancellation);

        var form = page.Html[page.Html.IndexOf("handler=End", StringComparison.Ordinal)..];
        Assert.StartsWith("End those that are ticked", Regex.Match(form, "<button[^>]*>([^<]*)").Groups[1].Value, StringComparison.Ordinal);
        Assert.Contains("name=\"only\"", form, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Page_WhoseSessionsHaveAllEnded_IsTheFirst()
    {
        var application = await platform.CreateApplicationAsync(_ => { }, Cancellation);
        var issued = new List<string>();
        for (var user = 0; user < 11; user++)
        {
            issued.Add(await IssueAsync(application, $"user {user}"));
        }

        using var browser = await AdminAccount.SignInAsync(platform, Cancellation, AdministratorRoles.Administrator);
        var first = await browser.GetAsync($"/admin/sessions?app={application.ClientId}&size=10", Cancellation);
        var address = WebUtility.HtmlDecode(Regex.Match(first.Html, "rel=\"next\" href=\"([^\"]+)").Groups[1].Value);
        var last = await browser.GetAsync(address, Cancellation);
        Assert.Equal([issued[0]], Sessions(last));

        var ended = await browser.SubmitAsync(last, address + "&handler=End", Cancellation, ("ids", issued[0]));
        var page = await browser.BrowseAsync(ended.Location!, Cancellation);

        Assert.Equal(issued.Skip(1).Reverse(), Sessions(page));
        Assert.DoesNotContain("rel=\"prev\"", page.Html, StringComparison.Ordinal);
    }

    [Fact]
    public async Task End_WhoseBrowserIsGone_StillSaysHowManyItWere()
    {
        var user = SignedRequests.NewUser();
        var first = Guid.Parse(await IssueAsync(await platform.CreateApplicationAsync(_ => { }, Cancellation), user));
        var second = Guid.Parse(await IssueAsync(await platform.CreateApplicationAsync(_ => { }, Cancellation), user));
        using var browser = await AdminAccount.SignInAsync(platform, Cancellation, AdministratorRoles.Administrator);
        var path = $"/admin/sessions/end?user={user}";
        var form = await browser.GetAsync(path, Cancellation);
        await using var database = await platform.OpenAuthDatabaseAsync(Cancellation);
        await using (var transaction = await database.Database.BeginTransactionAsync(Cancellation))
        {
            // The first one, which is another application's, has ended by the time that somebody waits for this.
            await database.Database.ExecuteSqlAsync($"SELECT FROM sessions WHERE id = {second} FOR UPDATE", Cancellation);
            using var closes = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
            var pressed = browser.SubmitAsync(form, path, closes.Token);
            await Eventually.TrueAsync(() => database.IsWaitedForAsync(Cancellation), Cancellation);
            Assert.False(await database.Sessions.AnyAsync(s => s.Id == first, Cancellation));
            await closes.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => pressed);
            // Time enough to notice, and not much: the page waits ten seconds for the database.
            await browser.GetAsync("/admin/icon.svg", Cancellation);
        }

        await Eventually.TrueAsync(
            () => database.AuditEvents.AnyAsync(
                e => e.Kind == AuditKinds.SessionsEnded && e.Count == 2 && EF.Functions.JsonContains(e.Details!, $$"""{"user":"{{user}}"}"""), Cancellation),
            Cancellation);
    }

    /// <summary>A script presses its button until none is left.</summary>
    [Fact]
    public async Task End_OfMoreThanOneRequestEnds_GoesOnWhereItsFormSays()
    {
        var application = await platform.CreateApplicationAsync(_ => { }, Cancellation);
        var kid = (await platform.IssueAsync(application, SignedRequests.NewUser(), Cancellation)).Text("kid");
        await using var database = await platform.OpenAuthDatabaseAsync(Cancellation);
        await database.AddSessionsAsync(application, kid, Cancellation);
        using var browser = await AdminAccount.SignInAsync(platform, Cancellation, AdministratorRoles.ApplicationManager);
        var path = $"/admin/sessions/end?app={application.ClientId}";

        var page = await browser.FillAsync(path, Cancellation);
        Assert.Equal(path, page.ContinuesAt());
        var ended = 0;
        while (page.Location is null)
        {
            var before = ended;
            ended = int.Parse(Regex.Match(page.Text, @"Ended so far: (\d+)\.").Groups[1].Value, CultureInfo.InvariantCulture);
            Assert.InRange(ended, before + 1, ManySessions.Count);
            var until = Regex.Match(page.Html, "name=\"until\" value=\"([^\"]+)\"").Groups[1].Value;
            page = await browser.SubmitAsync(page, page.ContinuesAt(), Cancellation, ("until", until), ("ended", ended.ToString(CultureInfo.InvariantCulture)));
        }

        Assert.Contains($"{ManySessions.Count + 1} sessions have ended", (await browser.BrowseAsync(page.Location, Cancellation)).Text, StringComparison.Ordinal);
        Assert.False(await database.Sessions.AnyAsync(s => s.KeyId == kid, Cancellation));
    }

    /// <summary>Of two who wait for each other the server undoes one: this one, because it waits last and the other is patient.</summary>
    [Fact]
    public async Task End_UndoneForAnothersSake_IsDoneAgain()
    {
        var application = await platform.CreateApplicationAsync(_ => { }, Cancellation);
        var issued = new List<Guid>();
        for (var user = 0; user < 3; user++)
        {
            issued.Add(Guid.Parse(await IssueAsync(application, $"user {user}")));
        }

        List<Guid> ids = [.. issued.Order()];
        using var browser = await AdminAccount.SignInAsync(platform, Cancellation, AdministratorRoles.Administrator);
        var path = $"/admin/sessions/end?app={application.ClientId}";
        var form = await browser.GetAsync(path, Cancellation);
        await using var gate = await platform.OpenAuthDatabaseAsync(Cancellation);
        await using var other = await platform.OpenAuthDatabaseAsync(Cancellation);
        await using var open = await gate.Database.BeginTransactionAsync(Cancellation);
        await using var transaction = await other.Database.BeginTransactionAsync(Cancellation);
        await LockAsync(gate, ids[1]);
        await other.Database.ExecuteSqlAsync($"SET LOCAL deadlock_timeout = '10min'", Cancellation);
        await LockAsync(other, ids[2]);
        var pid = await other.Database.SqlQuery<int>($"SELECT pg_backend_pid() AS \"Value\"").SingleAsync(Cancellation);

        // It has the first, which the other waits for; then it is let through to the third, which the other has.
        var pressed = browser.SubmitAsync(form, path, Cancellation);
        await Eventually.TrueAsync(() => gate.IsWaitedForAsync(Cancellation), Cancellation);
        var asked = LockAsync(other, ids[0]);
        await Eventually.TrueAsync(
            () => gate.Database.SqlQuery<bool>($"SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted AND pid = {pid}) AS \"Value\"").SingleAsync(Cancellation), Cancellation);
        await open.RollbackAsync(Cancellation);
        await asked;
        await transaction.RollbackAsync(Cancellation);

        Assert.Equal(HttpStatusCode.Found, (await pressed).Status);
        Assert.False(await gate.Sessions.AnyAsync(s => ids.Contains(s.Id), Cancellation));

        static Task LockAsync(DbContext database, Guid session) => database.Database.ExecuteSqlAsync($"SELECT FROM sessions WHERE id = {session} FOR UPDATE", Cancellation);
    }

    private static List<string> Sessions(AdminPage page) => [.. Regex.Matches(page.Html, """<code class="hint block break-all">([0-9a-f-]{36})</code>""").Select(m => m.Groups[1].Value)];

    private async Task<string> IssueAsync(TestApplication application, string user) => (await platform.IssueAsync(application, user, Cancellation)).Text("session_id");
}
