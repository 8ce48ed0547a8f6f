using System.Text.Json;
using System.Text.RegularExpressions;
using AuthPlatform.IntegrationTests.Admin;
using AuthPlatform.IntegrationTests.Infrastructure;
using Microsoft.EntityFrameworkCore;
using Microsoft.Playwright;

namespace AuthPlatform.BrowserTests;

/// <summary>Every page there is, light and dark, on a phone and on a desk.</summary>
public sealed class PageTests(FirstAdministrator administrator)
{
    private static readonly (string Name, int Width, int Height)[] Windows = [("phone", 390, 844), ("desk", 1280, 900)];

    private static readonly ColorScheme[] Themes = [ColorScheme.Light, ColorScheme.Dark];

    private readonly AuthPlatformFixture _platform = administrator.Platform;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>
    /// Pictures of all are kept in artifacts/screenshots. The script of axe is there before the page, past its content security policy, which stays in force for
    /// the page itself.
    /// </summary>
    [Fact]
    public async Task Page_InEveryThemeAndWidth_IsUsableByEverybodyAndFits()
    {
        var folder = Directory.CreateDirectory(Path.Combine(Chromium.Artifacts, "screenshots")).FullName;
        var address = await AddressAsync();
        var problems = new List<string>();
        foreach (var signedIn in new[] { false, true })
        {
            var page = await administrator.OpenAsync(signedIn);
            await page.AddInitScriptAsync(Chromium.Axe);
            page.Console += (_, message) => problems.AddRange(message.Type == "error" && !message.Text.Contains("status of 40", StringComparison.Ordinal) ? [$"{page.Url}: {message.Text}"] : []);
            page.PageError += (_, error) => problems.Add($"{page.Url}: {error}");
            foreach (var route in AdminPages.All.Where(p => p.IsOpen != signedIn && p.Route != "/sign-out").Select(p => p.Route))
            {
                Assert.NotNull(await page.GotoAsync(address(route)));
                foreach (var theme in Themes)
                {
                    await page.EmulateMediaAsync(new() { ColorScheme = theme, ReducedMotion = ReducedMotion.Reduce });
                    foreach (var (name, width, height) in Windows)
                    {
                        await page.SetViewportSizeAsync(width, height);
                        var picture = $"{NameOf(route)}-{theme}-{name}.png".ToLowerInvariant();
                        await page.ScreenshotAsync(new() { Path = Path.Combine(folder, picture), FullPage = true });
                        if (await page.EvaluateAsync<bool>("() => document.documentElement.scrollWidth > innerWidth"))
                        {
                            problems.Add($"{picture} is wider than the window.");
                        }
                    }

                    problems.AddRange((await ViolationsAsync(page)).Select(violation => $"{route} {theme}: {violation}"));
                }
            }

            await page.Context.CloseAsync();
        }

        Assert.True(problems.Count == 0, string.Join('\n', problems));
    }

    /// <summary>/applications/{clientId}/keys → applications-clientId-keys.</summary>
    private static string NameOf(string route) => route == "/" ? "overview" : Regex.Replace(route.Trim('/').Replace('/', '-'), @"[{}]|:\w+", "");

    private static async Task<IEnumerable<string>> ViolationsAsync(IPage page)
    {
        var found = await page.EvaluateAsync<JsonElement>("async () => (await axe.run(document, { resultTypes: ['violations'] })).violations.map(v => ({ id: v.id, impact: v.impact, nodes: v.nodes.map(n => n.html).slice(0, 3) }))");
        return [.. found.EnumerateArray().Where(v => v.GetProperty("impact").GetString() is "serious" or "critical").Select(v => v.GetRawText())];
    }

    /// <summary>Pages with something on them.</summary>
    private async Task<Func<string, string>> AddressAsync()
    {
        var application = await _platform.CreateApplicationAsync(a => a.Name = "A shop with a name that is rather long for a phone", Cancellation);
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
