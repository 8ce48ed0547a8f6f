using System.Diagnostics;
using System.Net;
using System.Text.Json;
using AuthPlatform.IntegrationTests.Admin;
using AuthPlatform.IntegrationTests.Infrastructure;
using Microsoft.EntityFrameworkCore;
using Microsoft.Playwright;

namespace AuthPlatform.BrowserTests;

/// <summary>What an administrator does on their first day, by the pages and by the programs that these show.</summary>
public sealed class StoryTests(FirstAdministrator administrator)
{
    private readonly AuthPlatformFixture _platform = administrator.Platform;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Administrator_FromSetUpLinkToAudit_GetsEverythingDone()
    {
        var page = await administrator.OpenAsync(signedIn: true);
        var complaints = new List<string>();
        page.Console += (_, message) => complaints.AddRange(message.Type == "error" ? [message.Text] : []);
        page.PageError += (_, error) => complaints.Add(error);

        // The link has been used.
        await page.GotoAsync(administrator.SetupLink);
        await page.ShowsAsync("This link does not work");

        await SignInWithNewPasskeyAsync(page);
        var application = await CreateApplicationAsync(page, "Story <b>one</b>");

        // The program that the page shows gets a token.
        var issued = await IssueByProgramAsync(await page.InnerTextAsync("#snippet-curl"));
        var (access, session) = (issued.GetProperty("access_token").GetString()!, issued.GetProperty("session_id").GetString()!);
        Assert.Equal(HttpStatusCode.OK, (await _platform.VerifyAsync(application, access, Cancellation)).Status);

        // Its session is seen and ended, and its tokens with it.
        await page.GotoAsync($"/admin/sessions?app={application.ClientId}");
        await page.ShowsAsync(session);
        await page.GetByRole(AriaRole.Button, new() { Name = "End the session of user-1" }).ClickAsync();
        await page.ShowsAsync("One session has ended");
        Assert.Equal(HttpStatusCode.Unauthorized, (await _platform.VerifyAsync(application, access, Cancellation)).Status);
        Assert.Equal(HttpStatusCode.Unauthorized, (await _platform.TryRefreshAsync(application, issued.GetProperty("refresh_token").GetString()!, Cancellation)).Status);

        // Another key signs now, and tokens of the old one stay good.
        var before = (await _platform.IssueAsync(application, "user-2", Cancellation)).GetProperty("access_token").GetString()!;
        await page.GotoAsync($"/admin/applications/{application.ClientId}/keys");
        await page.ClickAsync("text=Rotate now…");
        await page.GetByRole(AriaRole.Button, new() { Name = "Rotate" }).ClickAsync();
        await page.ArriveAtAsync("/keys");
        var after = "";
        await Eventually.TrueAsync(
            async () => KeyOf(after = (await _platform.IssueAsync(application, "user-3", Cancellation)).GetProperty("access_token").GetString()!) != KeyOf(before),
            Cancellation);
        Assert.Equal(HttpStatusCode.OK, (await _platform.VerifyAsync(application, before, Cancellation)).Status);
        Assert.Equal(HttpStatusCode.OK, (await _platform.VerifyAsync(application, after, Cancellation)).Status);

        // The audit has it all; what requests did is written in the background.
        await Eventually.TrueAsync(
            async () =>
            {
                await page.GotoAsync($"/admin/audit?app={application.ClientId}");
                var text = await page.InnerTextAsync("table");
                return new[] { "Application created", "Issued", "Revoked", "Rejected", "Key rotated", FirstAdministrator.UserName, "user-1" }.All(text.Contains);
            },
            Cancellation);

        // Choosing alone leaves no page: whoever goes through the languages with the keyboard stays.
        await page.Locator("select[name=language]").Filter(new() { Visible = true }).SelectOptionAsync("ko");
        await page.GetByRole(AriaRole.Button, new() { Name = "Apply" }).ClickAsync();
        await page.ShowsAsync("감사");
        await page.GetByRole(AriaRole.Button, new() { Name = "로그아웃" }).ClickAsync();
        await page.ArriveAtAsync("/sign-in.*");
        Assert.Empty(complaints);
        await page.Context.CloseAsync();
    }

    /// <summary>The page has stood open for longer than a proof counts; and the phone is lost.</summary>
    [Fact]
    public async Task Passkey_AddedLongAfterTheLastProof_AsksForOneAndTakesARecoveryCode()
    {
        var account = await AdminAccount.CreateAsync(_platform, Cancellation);
        var page = await administrator.OpenAsync(signedIn: false);
        await page.GotoAsync("/admin/sign-in?returnUrl=%2Fadmin%2Faccount%2Fpasskeys");
        await page.GetByLabel("User name").FillAsync(account.UserName);
        await page.GetByLabel("Password", new() { Exact = true }).FillAsync(AdminAccount.Password);
        await page.GetByRole(AriaRole.Button, new() { Name = "Continue" }).ClickAsync();
        await page.GetByRole(AriaRole.Textbox, new() { Name = "Code" }).FillAsync(account.NextCode());
        await page.GetByRole(AriaRole.Button, new() { Name = "Sign in" }).ClickAsync();
        await page.ArriveAtAsync("/account/passkeys");
        await using var database = await _platform.OpenAuthDatabaseAsync(Cancellation);
        await database.Database.ExecuteSqlAsync($"UPDATE administrator_sessions SET verified_at = verified_at - interval '11 minutes' WHERE administrator_id = {account.Id}", Cancellation);

        // As whoever skips to the content has it.
        await page.EvaluateAsync("location.hash = 'content'");
        await page.GetByLabel("Name of the new passkey").FillAsync("laptop");
        await page.ClickAsync("button:text-is('Add a passkey')");
        await page.ArriveAtAsync("/account/confirm.*");
        await page.GetByRole(AriaRole.Textbox, new() { Name = "Code" }).PressSequentiallyAsync(AdminAccount.RecoveryCode);
        await page.GetByRole(AriaRole.Button, new() { Name = "Continue" }).ClickAsync();

        await page.ArriveAtAsync("/account/passkeys");
        await page.Context.CloseAsync();
    }

    [Fact]
    public async Task Administrator_WithoutScripts_GetsEverythingDoneAsWell()
    {
        var page = await administrator.OpenAsync(signedIn: true, options => options.JavaScriptEnabled = false);
        var application = await CreateApplicationAsync(page, "Without scripts");
        await _platform.IssueAsync(application, "user-1", Cancellation);

        await page.GotoAsync($"/admin/sessions?app={application.ClientId}");
        await page.GetByRole(AriaRole.Checkbox, new() { Name = "Session of user-1" }).CheckAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "End those that are ticked" }).ClickAsync();
        await page.ShowsAsync("One session has ended");

        await page.GotoAsync($"/admin/applications/{application.ClientId}");
        await page.GetByLabel("Name", new() { Exact = true }).FillAsync("Renamed without scripts");
        await page.GetByRole(AriaRole.Button, new() { Name = "Save" }).ClickAsync();
        await page.ShowsAsync("Renamed without scripts");
        await page.Context.CloseAsync();
    }

    private static async Task SignInWithNewPasskeyAsync(IPage page)
    {
        var devTools = await page.Context.NewCDPSessionAsync(page);
        await devTools.SendAsync("WebAuthn.enable");
        await devTools.SendAsync("WebAuthn.addVirtualAuthenticator", new Dictionary<string, object>
        {
            ["options"] = new { protocol = "ctap2", transport = "internal", hasResidentKey = true, hasUserVerification = true, isUserVerified = true, automaticPresenceSimulation = true },
        });
        await page.GotoAsync("/admin/account/passkeys");
        await page.GetByLabel("Name of the new passkey").FillAsync("laptop");
        await page.ClickAsync("button:text-is('Add a passkey')");
        await page.ArriveAtAsync("/admin/account");
        await page.ShowsAsync("laptop");

        // In a browser without the cookies of before.
        await page.Context.ClearCookiesAsync();
        await page.GotoAsync("/admin/");
        await page.ClickAsync("text=Sign in with a passkey");
        await page.ArriveAtAsync("/admin/");
        await page.ShowsAsync("Live sessions");
    }

    private static async Task<TestApplication> CreateApplicationAsync(IPage page, string name)
    {
        await page.GotoAsync("/admin/applications");
        await page.ClickAsync("text=New application");
        await page.GetByLabel("Name").FillAsync(name);
        await page.GetByRole(AriaRole.Button, new() { Name = "Create" }).ClickAsync();
        await page.ShowsAsync(name);
        return new TestApplication(await page.InnerTextAsync("#client-id"), await page.InnerTextAsync("#secret"));
    }

    private static string KeyOf(string token) =>
        JsonDocument.Parse(System.Buffers.Text.Base64Url.DecodeFromChars(token.AsSpan(0, token.IndexOf('.', StringComparison.Ordinal)))).RootElement.GetProperty("kid").GetString()!;

    /// <summary>What the contract tells whoever gets a 503 of a crowded machine to do: the program signs afresh, and tries again.</summary>
    private static async Task<JsonElement> IssueByProgramAsync(string program)
    {
        var answer = JsonElement.Parse(await RunAsync(program));
        return answer.TryGetProperty("status", out var status) && status.GetInt32() == 503 ? JsonElement.Parse(await RunAsync(program)) : answer;
    }

    private static async Task<string> RunAsync(string script)
    {
        using var shell = Process.Start(new ProcessStartInfo("bash") { ArgumentList = { "-c", script }, RedirectStandardOutput = true })!;
        var output = await shell.StandardOutput.ReadToEndAsync(Cancellation);
        await shell.WaitForExitAsync(Cancellation);
        return output;
    }
}
