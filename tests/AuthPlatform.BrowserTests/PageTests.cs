using System.Text.Json;
using System.Text.RegularExpressions;
using AuthPlatform.Data.Admin;
using AuthPlatform.IntegrationTests.Admin;
using AuthPlatform.IntegrationTests.Infrastructure;
using Microsoft.EntityFrameworkCore;
using Microsoft.Playwright;

namespace AuthPlatform.BrowserTests;

/// <summary>Every page there is, light and dark, on a phone and on a desk.</summary>
public sealed class PageTests(FirstAdministrator administrator)
{
    /// <summary>The phone is the narrowest that WCAG asks for (1.4.10); on a desk it is what somebody has who reads at four times the size.</summary>
    private static readonly (string Name, int Width, int Height)[] Windows = [("phone", 320, 844), ("desk", 1280, 900)];

    /// <summary>The end of names that can be broken nowhere.</summary>
    private static readonly string Unbroken = new('x', 60);

    private static readonly ColorScheme[] Themes = [ColorScheme.Light, ColorScheme.Dark];

    /// <summary>The rules of axe that look at colours. A theme changes nothing else, so the other rules look at the light one alone.</summary>
    private static readonly string[] ColorRules = ["color-contrast", "link-in-text-block"];

    /// <summary>Where pictures are kept, for whoever asks for some; nothing here looks at them.</summary>
    private static readonly string? Pictures =
        Environment.GetEnvironmentVariable("AUTHPLATFORM_SCREENSHOTS") == "1" ? Directory.CreateDirectory(Path.Combine(Chromium.Artifacts, "screenshots")).FullName : null;

    private readonly AuthPlatformFixture _platform = administrator.Platform;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>The script of axe is there before the page, past its content security policy, which stays in force for the page itself.</summary>
    [Fact]
    public async Task Page_InEveryThemeAndWidth_IsUsableByEverybodyAndFits()
    {
        var address = await AddressAsync();
        var problems = new List<string>();
        foreach (var signedIn in new[] { false, true })
        {
            var page = await OpenAsync(signedIn, problems);
            foreach (var route in AdminPages.All.Where(p => p.IsOpen != signedIn && p.Route != "/sign-out").Select(p => p.Route))
            {
                Assert.NotNull(await page.GotoAsync(address(route)));
                await LookAsync(page, NameOf(route), problems);
            }

            await page.Context.CloseAsync();
        }

        Assert.True(problems.Count == 0, string.Join('\n', problems));
    }

    /// <summary>What pages look like once somebody has done something there: results, mistakes, and nothing found.</summary>
    [Fact]
    public async Task Page_AfterAnAct_IsUsableByEverybodyAndFits()
    {
        var problems = new List<string>();
        var person = await AdminAccount.CreateNamedAsync(_platform, "somebody" + Unbroken + SignedRequests.Nonce()[..8] + "@example.com", Cancellation, AdministratorRoles.Auditor);
        var page = await OpenAsync(signedIn: true, problems);

        await page.GotoAsync("/admin/new-application");
        await page.GetByLabel("Name").FillAsync("An application with a name that is long" + Unbroken);
        await page.GetByRole(AriaRole.Button, new() { Name = "Create" }).ClickAsync();
        var clientId = await page.InnerTextAsync("#client-id");
        await LookAsync(page, "new-application-made", problems);

        await page.GotoAsync($"/admin/applications/{clientId}");
        await page.GetByLabel("Life of an access token").FillAsync("soon");
        await page.GetByRole(AriaRole.Button, new() { Name = "Save" }).ClickAsync();
        await page.GetByText("Nothing was saved").WaitForAsync();
        await LookAsync(page, "applications-clientid-mistaken", problems);

        await page.GotoAsync($"/admin/applications/{clientId}/secrets");
        await page.GetByText("End it now…").ClickAsync();
        await LookAsync(page, "applications-clientid-secrets-ending", problems);

        await page.GotoAsync($"/admin/applications/{clientId}/owners");
        await page.GetByLabel("Add an owner").FillAsync(person.UserName);
        await page.GetByRole(AriaRole.Button, new() { Name = "Add", Exact = true }).ClickAsync();
        await page.ShowsAsync("is an owner now");
        await LookAsync(page, "applications-clientid-owners-added", problems);

        await page.GotoAsync("/admin/users/invite");
        await page.GetByLabel("User name").FillAsync("guest" + Unbroken + SignedRequests.Nonce()[..8]);
        await page.GetByRole(AriaRole.Button, new() { Name = "Invite" }).ClickAsync();
        var link = await page.InnerTextAsync("#link");
        await LookAsync(page, "users-invite-made", problems);

        await page.GotoAsync($"/admin/users/{person.Id}");
        await page.GetByText("Reset the sign-in…").ClickAsync();
        await LookAsync(page, "users-id-other", problems);

        await page.GotoAsync("/admin/audit?app=nobody");
        await LookAsync(page, "audit-nothing", problems);

        await page.GotoAsync("/admin/account/recovery-codes");
        await page.GetByRole(AriaRole.Button, new() { Name = "Make new ones" }).ClickAsync();
        await page.GetByText("I have kept them").WaitForAsync();
        await LookAsync(page, "account-recovery-codes-made", problems);
        await page.Context.CloseAsync();

        page = await OpenAsync(signedIn: false, problems);
        await page.GotoAsync(link);
        await LookAsync(page, "setup-link", problems);
        await page.GotoAsync("/admin/sign-in");
        await page.GetByLabel("User name").FillAsync(person.UserName);
        await page.GetByLabel("Password", new() { Exact = true }).FillAsync(AdminAccount.Password);
        await page.GetByRole(AriaRole.Button, new() { Name = "Continue" }).ClickAsync();
        await page.GetByRole(AriaRole.Textbox, new() { Name = "Code" }).WaitForAsync();
        await LookAsync(page, "sign-in-code-asked", problems);
        await page.Context.CloseAsync();

        Assert.True(problems.Count == 0, string.Join('\n', problems));
    }

    private async Task<IPage> OpenAsync(bool signedIn, List<string> problems)
    {
        var page = await administrator.OpenAsync(signedIn);
        await page.AddInitScriptAsync(Chromium.Axe);
        page.Console += (_, message) => problems.AddRange(message.Type == "error" && !message.Text.Contains("status of 40", StringComparison.Ordinal) ? [$"{page.Url}: {message.Text}"] : []);
        page.PageError += (_, error) => problems.Add($"{page.Url}: {error}");
        return page;
    }

    private static async Task LookAsync(IPage page, string name, List<string> problems)
    {
        // What a press of a button leads to is read before its styles are there.
        await page.WaitForLoadStateAsync(LoadState.Load);
        foreach (var theme in Themes)
        {
            await page.EmulateMediaAsync(new() { ColorScheme = theme, ReducedMotion = ReducedMotion.Reduce });
            foreach (var (window, width, height) in Windows)
            {
                await page.SetViewportSizeAsync(width, height);
                if (Pictures is not null)
                {
                    await page.ScreenshotAsync(new() { Path = Path.Combine(Pictures, $"{name}-{theme}-{window}.png".ToLowerInvariant()), FullPage = true });
                }

                // Lists may be scrolled on a phone; on a desk all of their columns are there.
                if (await page.EvaluateAsync<bool>("() => document.documentElement.scrollWidth > innerWidth || (innerWidth >= 1280 && [...document.querySelectorAll('[role=region]')].some(list => list.scrollWidth > list.clientWidth))"))
                {
                    problems.Add($"{name} {theme} {window} is wider than the window.");
                }
            }

            problems.AddRange((await ViolationsAsync(page, theme == ColorScheme.Light ? null : ColorRules)).Select(violation => $"{name} {theme}: {violation}"));
        }
    }

    /// <summary>/applications/{clientId}/keys → applications-clientId-keys.</summary>
    private static string NameOf(string route) => route == "/" ? "overview" : Regex.Replace(route.Trim('/').Replace('/', '-'), @"[{}]|:\w+", "");

    /// <param name="page">It is looked at as it is now.</param>
    /// <param name="rules">Which rules of axe look at it; all unless some are named.</param>
    private static async Task<IEnumerable<string>> ViolationsAsync(IPage page, string[]? rules)
    {
        var found = await page.EvaluateAsync<JsonElement>(
            """
            async (rules) => (await axe.run(document, { resultTypes: ['violations'], ...(rules && { runOnly: { type: 'rule', values: rules } }) }))
                .violations.map(v => ({ id: v.id, impact: v.impact, nodes: v.nodes.map(n => n.html).slice(0, 3) }))
            """,
            rules);
        return [.. found.EnumerateArray().Where(v => v.GetProperty("impact").GetString() is "serious" or "critical").Select(v => v.GetRawText())];
    }

    /// <summary>Pages with something on them.</summary>
    private async Task<Func<string, string>> AddressAsync()
    {
        var application = await _platform.CreateApplicationAsync(a => a.Name = "A shop with a name that is rather long for a phone" + Unbroken, Cancellation);
        await _platform.IssueAsync(application, "somebody@example.com", Cancellation);
        using var keyManager = _platform.CreateKeyManagerClient();
        var keys = JsonDocument.Parse(await keyManager.GetStringAsync($"/internal/applications/{application.ClientId}/keys", Cancellation)).RootElement;
        var kid = keys.GetProperty("keys")[0].GetProperty("kid").GetString()!;
        await using var database = await _platform.OpenAuthDatabaseAsync(Cancellation);
        var person = await database.Administrators.Where(a => a.UserName == FirstAdministrator.UserName).Select(a => a.Id).SingleAsync(Cancellation);
        return route => "/admin" + route
            .Replace("{clientId}", application.ClientId, StringComparison.Ordinal)
            .Replace("{kid}", kid, StringComparison.Ordinal)
            .Replace("{id:guid}", person.ToString(), StringComparison.Ordinal)
            .Replace("{status:int}", "404", StringComparison.Ordinal)
            + (route == "/sessions/end" ? "?user=somebody@example.com" : "");
    }
}
