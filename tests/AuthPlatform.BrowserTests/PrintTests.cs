using Microsoft.Playwright;

namespace AuthPlatform.BrowserTests;

/// <summary>Pages on paper.</summary>
public sealed class PrintTests(FirstAdministrator administrator)
{
    /// <summary>Recovery codes are there to be printed, and the letters of a dark screen are pale.</summary>
    [Fact]
    public async Task Page_ThatIsDarkOnTheScreen_IsPrintedInDarkLetters()
    {
        const string Ink = "getComputedStyle(document.body).color";
        var page = await administrator.OpenAsync(signedIn: false);
        await page.EmulateMediaAsync(new() { ColorScheme = ColorScheme.Light });
        await page.GotoAsync("/admin/sign-in");
        var dark = await page.EvaluateAsync<string>(Ink);
        await page.EvaluateAsync("document.documentElement.dataset.theme = 'dark'");
        Assert.NotEqual(dark, await page.EvaluateAsync<string>(Ink));

        await page.EmulateMediaAsync(new() { Media = Media.Print });

        Assert.Equal(dark, await page.EvaluateAsync<string>(Ink));
        await page.Context.CloseAsync();
    }
}
