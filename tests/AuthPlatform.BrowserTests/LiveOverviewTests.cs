using System.Text.RegularExpressions;
using Microsoft.Playwright;

namespace AuthPlatform.BrowserTests;

/// <summary>The overview, which refreshes itself.</summary>
public sealed class LiveOverviewTests(FirstAdministrator administrator)
{
    /// <summary>Nobody sits before numbers that do not change any more and looks signed in.</summary>
    [Fact]
    public async Task Overview_WhenTheSessionIsOver_GivesWayToTheSignIn()
    {
        var page = await administrator.OpenAsync(signedIn: true);
        await page.Clock.InstallAsync();
        await page.GotoAsync("/admin/");
        await page.ShowsAsync("Live sessions");

        await page.Context.ClearCookiesAsync();
        await page.Clock.FastForwardAsync(10_000);

        await page.ArriveAtAsync("/sign-in\\?returnUrl=%2Fadmin%2F");
        await page.Context.CloseAsync();
    }

    /// <summary>Nobody believes numbers that are old, nor is anybody disturbed by numbers that change.</summary>
    [Fact]
    public async Task Overview_ThatIsNotRefreshed_SaysSinceWhen()
    {
        const string Old = "Not up to date since";
        var page = await administrator.OpenAsync(signedIn: true);
        var (status, asked) = (503, 0);
        await page.RouteAsync(
            new Regex("handler=Live"),
            route =>
            {
                asked++;
                return route.FulfillAsync(new() { Status = status, ContentType = "text/html", Body = "<p>Fresh numbers</p><button>Press me</button>" });
            });
        await page.Clock.InstallAsync();
        await page.GotoAsync("/admin/");
        await page.ShowsAsync("Live sessions");

        await page.Clock.FastForwardAsync(10_000);
        await page.ShowsAsync(Old);
        await page.ShowsAsync("Live sessions");

        status = 200;
        await page.Clock.FastForwardAsync(10_000);
        await page.ShowsAsync("Fresh numbers");
        await page.GetByText(Old).WaitForAsync(new() { State = WaitForSelectorState.Detached });

        // What somebody is about to press stays where it is.
        var button = page.GetByRole(AriaRole.Button, new() { Name = "Press me" });
        await button.FocusAsync();
        var before = asked;
        await page.Clock.FastForwardAsync(10_000);
        await page.ShowsAsync(Old);
        Assert.Equal(before, asked);
        await button.BlurAsync();
        await page.Clock.FastForwardAsync(10_000);
        await page.GetByText(Old).WaitForAsync(new() { State = WaitForSelectorState.Detached });

        await page.GetByRole(AriaRole.Button, new() { Name = "Pause" }).ClickAsync();
        before = asked;
        await page.Clock.FastForwardAsync(10_000);
        await page.ShowsAsync(Old);
        Assert.Equal(before, asked);
        await page.Context.CloseAsync();
    }
}
