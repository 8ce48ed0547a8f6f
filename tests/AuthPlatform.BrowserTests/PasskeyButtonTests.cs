using Microsoft.Playwright;

namespace AuthPlatform.BrowserTests;

/// <summary>The buttons that ask for a passkey.</summary>
public sealed class PasskeyButtonTests(FirstAdministrator administrator)
{
    /// <summary>Counts what is asked of the server, and answers when the test wants it to: until then the first press is on its way.</summary>
    private const string Server = """
        window.asked = 0;
        window.fetch = () => { window.asked++; return new Promise((answer, refuse) => { window.refuse = refuse; }); };
        """;

    /// <summary>The second challenge would take the place of the first, to which the browser has an answer by then.</summary>
    [Fact]
    public async Task Button_PressedTwice_AsksOnce()
    {
        var page = await administrator.OpenAsync(signedIn: false);
        await page.AddInitScriptAsync(Server);
        await page.GotoAsync("/admin/sign-in");
        var button = page.GetByRole(AriaRole.Button, new() { Name = "Sign in with a passkey" });

        await button.DblClickAsync();
        Assert.Equal(1, await page.EvaluateAsync<int>("asked"));

        // What came to nothing can be tried again.
        await page.EvaluateAsync("refuse(new Error('away'))");
        await page.ShowsAsync("No passkey was used");
        await button.ClickAsync();
        Assert.Equal(2, await page.EvaluateAsync<int>("asked"));
        await page.Context.CloseAsync();
    }
}
