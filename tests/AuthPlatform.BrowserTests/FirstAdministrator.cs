using System.Text.RegularExpressions;
using AuthPlatform.BrowserTests;
using AuthPlatform.Contracts;
using AuthPlatform.IntegrationTests.Admin;
using AuthPlatform.IntegrationTests.Infrastructure;
using Microsoft.Playwright;

[assembly: AssemblyFixture(typeof(FirstAdministrator))]

namespace AuthPlatform.BrowserTests;

/// <summary>
/// The beginning of the story, which there is once on a platform: the set-up link from the log, a password, an authenticator app. Tests go on in browsers of
/// their own, signed in by its cookies.
/// </summary>
public sealed class FirstAdministrator : IAsyncLifetime
{
    public const string UserName = "first@example.com";

    private IPlaywright? _playwright;
    private IBrowser? _browser;
    private string _state = "{}";

    public AuthPlatformFixture Platform { get; } = new SmallPlatform();

    public string SetupLink { get; private set; } = "";

    public async ValueTask InitializeAsync()
    {
        await Platform.InitializeAsync();
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(2));
        await Platform.App.ResourceNotifications.WaitForResourceHealthyAsync(ResourceNames.AdminWeb, limit.Token);
        await Eventually.TrueAsync(() => Task.FromResult(FindLink() is not null), limit.Token);
        SetupLink = FindLink()!;
        _playwright = await Playwright.CreateAsync();
        _browser = await Chromium.LaunchAsync(_playwright);

        var page = await OpenAsync(signedIn: false);
        await page.GotoAsync(SetupLink);
        await page.GetByLabel("User name").FillAsync(UserName);
        await page.GetByLabel("Password", new() { Exact = true }).FillAsync(AdminAccount.Password);
        await page.GetByLabel("The same again").FillAsync(AdminAccount.Password);
        await page.ClickAsync("text=Continue");
        await page.ClickAsync("text=Cannot scan it?");
        var app = new AuthenticatorApp(await page.InnerTextAsync("details .select-all"));
        await page.GetByRole(AriaRole.Textbox, new() { Name = "Code" }).FillAsync(app.Code());
        await page.ClickAsync("text=Continue");
        await Assertions.Expect(page.Locator("#recovery-codes li")).ToHaveCountAsync(10, new() { Timeout = 30_000 });
        await page.ClickAsync("text=I have kept them");
        await page.ArriveAtAsync("/admin/");
        _state = await page.Context.StorageStateAsync();
        await page.Context.CloseAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (_browser is not null)
        {
            await _browser.DisposeAsync();
        }

        _playwright?.Dispose();
        await Platform.DisposeAsync();
    }

    /// <summary>A page in a browser of its own.</summary>
    public async Task<IPage> OpenAsync(bool signedIn, Action<BrowserNewContextOptions>? configure = null)
    {
        var options = new BrowserNewContextOptions { BaseURL = Platform.Gateway.BaseAddress!.ToString(), StorageState = signedIn ? _state : null, Locale = "en-US", TimezoneId = "Europe/Berlin" };
        configure?.Invoke(options);
        var context = await _browser!.NewContextAsync(options);
        context.SetDefaultTimeout(30_000);
        return await context.NewPageAsync();
    }

    private string? FindLink() => Platform.Logs.Lines.Select(line => Regex.Match(line, @"http\S+/admin/setup\?token=[\w-]{43}")).FirstOrDefault(match => match.Success)?.Value;

    /// <summary>One Token API: no page and no program here could tell two of them apart, and the browser needs the processors.</summary>
    private sealed class SmallPlatform() : AuthPlatformFixture("--TokenApi:Replicas=1");
}
