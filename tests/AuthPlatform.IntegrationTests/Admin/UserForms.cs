using System.Net;
using System.Text.RegularExpressions;

namespace AuthPlatform.IntegrationTests.Admin;

/// <summary>The pages of one person as a browser sends and reads them.</summary>
internal static class UserForms
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public static async Task<AdminPage> PressAsync(AdminBrowser browser, Guid id, string handler, params (string Name, string Value)[] fields) =>
        await PressAsync(browser, await browser.GetAsync($"/admin/users/{id}", Cancellation), id, handler, fields);

    /// <summary>On the person's page as it was.</summary>
    public static Task<AdminPage> PressAsync(AdminBrowser browser, AdminPage page, Guid id, string handler, params (string Name, string Value)[] fields) =>
        browser.SubmitAsync(page, $"/admin/users/{id}?handler={handler}", Cancellation, [.. fields, ("Version", Regex.Match(page.Html, "name=\"Version\" value=\"(\\d+)").Groups[1].Value)]);

    /// <summary>The path of the set-up link that a page shows.</summary>
    public static string LinkOn(AdminPage page) => WebUtility.HtmlDecode(Regex.Match(page.Html, """<code id="link"[^>]*>[^<]*(/admin/setup\?token=[^<]+)<""").Groups[1].Value);
}
