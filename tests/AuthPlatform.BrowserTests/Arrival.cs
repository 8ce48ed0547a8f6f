using System.Text.RegularExpressions;
using Microsoft.Playwright;

namespace AuthPlatform.BrowserTests;

internal static class Arrival
{
    /// <summary>
    /// Waits for the address alone, which is asked for again and again. Waiting for a navigation also waits for its "load", and on a crowded machine the browser may tell of that
    /// before it tells of the navigation: then it is never heard of again.
    /// </summary>
    /// <param name="page">The page.</param>
    /// <param name="end">How its address ends, as a regular expression.</param>
    public static Task ArriveAtAsync(this IPage page, string end) => Assertions.Expect(page).ToHaveURLAsync(new Regex($"{end}$"), new() { Timeout = 30_000 });

    /// <summary>Waits until a text is to be seen.</summary>
    public static Task ShowsAsync(this IPage page, string text) => page.GetByText(text).Filter(new() { Visible = true }).First.WaitForAsync();
}
