using System.Net;
using System.Text.RegularExpressions;
using AuthPlatform.Data.Admin;
using AuthPlatform.IntegrationTests.Infrastructure;
using Microsoft.EntityFrameworkCore;
using static AuthPlatform.IntegrationTests.Admin.ApplicationForms;
using static AuthPlatform.IntegrationTests.Admin.UserForms;

namespace AuthPlatform.IntegrationTests.Admin;

/// <summary>
/// A form goes where its page means it to go, whatever stands in the address of the page: the handler of another form does after a refusal, and in a link that somebody made.
/// </summary>
public sealed class FormAddressTests(AuthPlatformFixture platform)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>Read from the sources: some forms stand only on what few have ever seen.</summary>
    [Fact]
    public void Form_OfAnyPage_NamesItsAddress()
    {
        var pages = Path.Combine(Path.GetDirectoryName(new Projects.AuthPlatform_AdminWeb().ProjectPath)!, "Pages");
        var forms = Directory.EnumerateFiles(pages, "*.cshtml", SearchOption.AllDirectories)
            .SelectMany(file => Regex.Matches(File.ReadAllText(file), "<form[^>]* method=\"post\"[^>]*>").Select(form => $"{Path.GetFileName(file)}: {form.Value}"))
            .ToList();

        Assert.True(forms.Count > 30, $"Only {forms.Count} forms were found.");
        Assert.All(forms, form => Assert.Matches(" (action|asp-page|asp-page-handler)=\"", form));
    }

    /// <summary>A name of a page that is none gives an empty address, and that is none either.</summary>
    [Fact]
    public async Task Form_AsBrowsersGetIt_HasAnAddress()
    {
        using var administrator = await AdminAccount.SignInAsync(platform, Cancellation, AdministratorRoles.Administrator);
        using var stranger = await AdminBrowser.OpenAsync(platform, Cancellation);
        var person = await AdminAccount.CreateAsync(platform, Cancellation);
        var application = await platform.CreateApplicationAsync(_ => { }, Cancellation);
        var kid = (await platform.IssueAsync(application, SignedRequests.NewUser(), Cancellation)).Text("kid");
        // Two pages have no form before there is somebody whom it is for.
        await person.EnterPasswordAsync(stranger, AdminAccount.Password, Cancellation);
        var link = LinkOn(await administrator.FillAsync("/admin/users/invite", Cancellation, ("UserName", "new-" + SignedRequests.Nonce()[..12])));

        var forms = new List<string>();
        // Two others only take forms, and lead on whoever opens them.
        foreach (var page in AdminPages.All.Where(page => page.Route is not ("/error/{status:int}" or "/preferences" or "/sign-out")))
        {
            var address = "/admin" + page.Route
                .Replace("{clientId}", application.ClientId, StringComparison.Ordinal)
                .Replace("{kid}", kid, StringComparison.Ordinal)
                .Replace("{id:guid}", person.Id.ToString(), StringComparison.Ordinal);
            // Led on to another page, it would be that one's forms.
            var shown = await (page.IsOpen ? stranger : administrator).GetAsync(page.Route == "/setup" ? link : $"{address}?app={application.ClientId}", Cancellation);
            Assert.Equal((address, HttpStatusCode.OK), (address, shown.Status));
            forms.AddRange(Regex.Matches(shown.Html, "<form[^>]* method=\"post\"[^>]*>").Select(form => $"{page}: {form.Value}"));
        }

        Assert.All(forms, form => Assert.Contains(" action=\"/admin/", form, StringComparison.Ordinal));
        string[] some =
        [
            "/admin/sign-in",
            "/admin/sign-in/code",
            link,
            $"/admin/applications/{application.ClientId}",
            $"/admin/applications/{application.ClientId}/keys/{kid}/revoke",
            $"/admin/sessions/end?app={application.ClientId}",
        ];
        Assert.All(some, address => Assert.Contains(forms, form => form.Contains($" action=\"{address}\"", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Password_AfterARefusedPasskey_IsTaken()
    {
        var account = await AdminAccount.CreateAsync(platform, Cancellation);
        using var browser = await AdminBrowser.OpenAsync(platform, Cancellation, IPAddress.Parse("127.0.3.30"));
        var refused = await browser.FillAsync("/admin/sign-in?handler=Passkey", Cancellation, ("credential", "{}"));
        Assert.Contains("This passkey is not known here", refused.Text, StringComparison.Ordinal);

        var answer = await browser.SubmitAsync(refused, refused.TargetOf("Password"), Cancellation, ("UserName", account.UserName), ("Password", AdminAccount.Password));

        Assert.Equal("/admin/sign-in/code", answer.Location);
    }

    [Fact]
    public async Task Code_AfterARefusedPasskey_IsTaken()
    {
        const string Confirm = "/admin/account/confirm?handler=Passkey";
        var account = await AdminAccount.CreateAsync(platform, Cancellation);
        using var browser = await AdminBrowser.OpenAsync(platform, Cancellation);
        await account.SignInAsync(browser, Cancellation);
        var refused = await browser.FillAsync(Confirm, Cancellation, ("credential", "{}"));
        Assert.Contains("This passkey is not yours", refused.Text, StringComparison.Ordinal);

        var answer = await browser.SubmitAsync(refused, refused.TargetOf("Code"), Cancellation, ("Code", account.NextCode()), ("ReturnUrl", "/admin/account"));

        Assert.Equal("/admin/account", answer.Location);
    }

    [Fact]
    public async Task Save_OnAPageWhoseAddressNamesAnotherHandler_Saves()
    {
        using var browser = await AdminAccount.SignInAsync(platform, Cancellation, AdministratorRoles.ApplicationManager);
        var application = await platform.CreateApplicationAsync(_ => { }, Cancellation);
        var form = await browser.GetAsync(Address(application) + "?handler=Disable", Cancellation);

        var saved = await browser.SubmitAsync(form, form.TargetOf("Input.Name"), Cancellation, Fields(form, ("Input.Name", "Renamed")));

        Assert.Equal(HttpStatusCode.Found, saved.Status);
        await using var database = await platform.OpenAuthDatabaseAsync(Cancellation);
        var row = await database.Applications.SingleAsync(a => a.ClientId == application.ClientId, Cancellation);
        Assert.Equal(("Renamed", true), (row.Name, row.Enabled));
    }

    /// <summary>Applications that were brought along are called what they were called.</summary>
    [Fact]
    public async Task Application_WhoseIdHasCapitals_IsWhereItsLinksLead()
    {
        using var browser = await AdminAccount.SignInAsync(platform, Cancellation, AdministratorRoles.ApplicationManager);
        var application = await platform.CreateApplicationAsync(_ => { }, Cancellation);
        Assert.Matches("[A-Z]", application.ClientId);

        var list = await browser.GetAsync($"/admin/applications?q={application.ClientId}", Cancellation);
        var saved = await SaveAsync(browser, application, ("Input.Name", "Renamed"));

        Assert.Contains($"href=\"{Address(application)}\"", list.Html, StringComparison.Ordinal);
        Assert.Contains("Saved.", (await browser.BrowseAsync(saved.Location!, Cancellation)).Text, StringComparison.Ordinal);
    }
}
