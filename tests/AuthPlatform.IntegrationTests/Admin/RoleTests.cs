using System.Net;
using System.Text.RegularExpressions;
using AuthPlatform.Data.Admin;
using AuthPlatform.IntegrationTests.Infrastructure;
using Microsoft.EntityFrameworkCore;

namespace AuthPlatform.IntegrationTests.Admin;

/// <summary>Who may open which page and press which button: every role, page and verb.</summary>
public sealed class RoleTests(AuthPlatformFixture platform)
{
    private const string Everybody = "administrator application_manager user_manager auditor owner nobody";
    private const string Readers = "administrator application_manager auditor owner";
    private const string Changers = "administrator application_manager owner";
    private const string Managers = "administrator application_manager";
    private const string UserManagers = "administrator user_manager";

    /// <summary>Who may look, and who may act. What the page of one application or person does not give to somebody, it answers with 403 or 404.</summary>
    private static readonly Dictionary<string, (string View, string Act)> Expected = new()
    {
        ["/"] = (Everybody, ""),
        ["/account"] = (Everybody, Everybody),
        ["/account/authenticator"] = (Everybody, Everybody),
        ["/account/confirm"] = (Everybody, Everybody),
        ["/account/passkeys"] = (Everybody, Everybody),
        ["/account/password"] = (Everybody, Everybody),
        ["/account/recovery-codes"] = (Everybody, Everybody),
        ["/account/waiting"] = (Everybody, ""),
        ["/applications"] = (Everybody, ""),
        ["/new-application"] = (Managers, Managers),
        ["/applications/{clientId}"] = (Readers, Changers),
        ["/applications/{clientId}/secrets"] = (Readers, Changers),
        ["/applications/{clientId}/keys"] = (Readers, Changers),
        ["/applications/{clientId}/keys/rotate"] = (Changers, Changers),
        ["/applications/{clientId}/keys/{kid}/revoke"] = (Changers, Changers),
        ["/applications/{clientId}/owners"] = (Readers, Managers),
        ["/applications/{clientId}/delete"] = (Managers, Managers),
        ["/sessions"] = (Everybody, Changers),
        ["/sessions/end"] = (Changers, Changers),
        ["/audit"] = (Everybody, ""),
        ["/users"] = ("administrator user_manager auditor", ""),
        ["/users/invite"] = (UserManagers, UserManagers),
        ["/users/{id:guid}"] = ("administrator user_manager auditor", UserManagers),
    };

    /// <summary>Buttons that are for everybody and for a thing of their own, which nobody has here: its 404 is no refusal.</summary>
    private static readonly (string Route, string Handler)[] ForWhatIsNotThere = [("/account", "End"), ("/account/passkeys", "Remove")];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public void Page_OfAnyKind_IsInTheMatrix()
    {
        Assert.NotEmpty(AdminPages.All);
        Assert.Equal(Expected.Keys.Order(), AdminPages.All.Where(page => !page.IsOpen).Select(page => page.Route).Order());
    }

    [Fact]
    public async Task Page_OpenedByEachRole_IsShownToThoseItIsFor()
    {
        using var people = await AdminPeople.SignInAsync(platform, Cancellation);
        using var stranger = await AdminBrowser.OpenAsync(platform, Cancellation);
        var address = await AddressAsync(people.Owned);

        var wrong = new List<string>();
        await Task.WhenAll(people.Browsers.Select(async person =>
        {
            foreach (var (route, (view, _)) in Expected)
            {
                var page = await person.Value.GetAsync(address(route), Cancellation);
                // One page leads on to another where there is nothing to end. Whoever is led to a sign-in or a new proof has been shown nothing.
                var isShown = page.Status == HttpStatusCode.OK || page.Location == "/admin/sessions";
                if (isShown != view.Split(' ').Contains(person.Key) || (!isShown && page.Status is not (HttpStatusCode.Forbidden or HttpStatusCode.NotFound)))
                {
                    lock (wrong)
                    {
                        wrong.Add($"{person.Key} at {route}: {page.Status} {page.Location}");
                    }
                }
            }
        }));
        foreach (var route in Expected.Keys)
        {
            Assert.StartsWith("/admin/sign-in?", (await stranger.GetAsync(address(route), Cancellation)).Location, StringComparison.Ordinal);
        }

        Assert.Empty(wrong);
    }

    [Fact]
    public async Task Button_PressedByEachRole_WorksForThoseItIsFor()
    {
        using var people = await AdminPeople.SignInAsync(platform, Cancellation);
        var address = await AddressAsync(people.Owned);
        var somebody = (await AdminAccount.CreateAsync(platform, Cancellation)).Id.ToString();

        var wrong = new List<string>();
        await Task.WhenAll(people.Browsers.Select(async person =>
        {
            var form = await person.Value.GetAsync("/admin/account", Cancellation);
            foreach (var page in AdminPages.All.Where(page => !page.IsOpen))
            {
                foreach (var handler in page.Posts)
                {
                    var answer = await person.Value.SubmitAsync(form, $"{address(page.Route)}?handler={handler}", Cancellation, ("Id", somebody));
                    var isRefused = answer.Status is HttpStatusCode.Forbidden or HttpStatusCode.NotFound;
                    // All of them are signed in completely: whoever is led to prove more has pressed nothing.
                    var isBroken = answer.Status is HttpStatusCode.MethodNotAllowed or >= HttpStatusCode.InternalServerError
                        || Regex.IsMatch(answer.Location ?? "", "^/admin/(sign-in|account/(confirm|waiting))");
                    var isAllowed = Expected[page.Route].Act.Split(' ').Contains(person.Key);
                    if (isBroken || (isRefused == isAllowed && !(answer.Status == HttpStatusCode.NotFound && ForWhatIsNotThere.Contains((page.Route, handler)))))
                    {
                        lock (wrong)
                        {
                            wrong.Add($"{person.Key} at {page.Route} {handler}: {answer.Status} {answer.Location}");
                        }
                    }
                }
            }
        }));

        Assert.Empty(wrong);
    }

    [Fact]
    public async Task Button_WithoutAntiforgeryToken_DoesNothing()
    {
        using var browser = await AdminAccount.SignInAsync(platform, Cancellation, AdministratorRoles.Administrator);
        var address = await AddressAsync(await platform.CreateApplicationAsync(_ => { }, Cancellation));

        foreach (var page in AdminPages.All.Where(page => page.Route != "/error/{status:int}"))
        {
            foreach (var handler in page.Posts)
            {
                using var request = new HttpRequestMessage(HttpMethod.Post, $"{address(page.Route)}?handler={handler}") { Content = new FormUrlEncodedContent([]) };
                Assert.Equal((page.Route, handler, HttpStatusCode.BadRequest), (page.Route, handler, (await browser.SendAsync(request, Cancellation)).Status));
            }
        }
    }

    /// <summary>Fills the placeholders in with an application, one of its keys, and somebody whom nobody needs afterwards.</summary>
    private async Task<Func<string, string>> AddressAsync(TestApplication application)
    {
        var person = await AdminAccount.CreateAsync(platform, Cancellation);
        await using var keys = await platform.OpenKeysDatabaseAsync(Cancellation);
        var kid = await keys.SigningKeys.Where(k => k.ClientId == application.ClientId).Select(k => k.Kid).FirstAsync(Cancellation);
        return route => "/admin" + route
            .Replace("{clientId}", application.ClientId, StringComparison.Ordinal)
            .Replace("{kid}", kid, StringComparison.Ordinal)
            .Replace("{id:guid}", person.Id.ToString(), StringComparison.Ordinal);
    }
}
