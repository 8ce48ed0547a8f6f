using System.Net;
using System.Text.RegularExpressions;
using AuthPlatform.IntegrationTests.Infrastructure;

namespace AuthPlatform.IntegrationTests.Admin;

/// <summary>The pages of one application as a browser sends and reads them.</summary>
internal static class ApplicationForms
{
    public static string Address(TestApplication application) => $"/admin/applications/{application.ClientId}";

    public static TestApplication Shown(AdminPage page) => new(
        Regex.Match(page.Html, """<code id="client-id"[^>]*>([^<]+)<""").Groups[1].Value,
        Regex.Match(page.Html, """<code id="secret"[^>]*>(cs_[^<]+)<""").Groups[1].Value);

    /// <summary>The first form of a page as a browser would send it, with some fields filled in otherwise.</summary>
    public static (string Name, string Value)[] Fields(AdminPage page, params (string Name, string Value)[] changed)
    {
        var html = page.Html[page.Html.IndexOf("<main", StringComparison.Ordinal)..];
        var fields = new Dictionary<string, string>();
        foreach (Match input in Regex.Matches(html, """<input(?=[^>]* name="(Input\.\w+|Version|RequestId|Shown)")(?=[^>]* value="([^"]*)")[^>]*>"""))
        {
            fields[input.Groups[1].Value] = WebUtility.HtmlDecode(input.Groups[2].Value);
        }

        foreach (Match select in Regex.Matches(html, """<select(?=[^>]* name="([^"]+)")[^>]*>(.*?)</select>""", RegexOptions.Singleline))
        {
            fields[select.Groups[1].Value] = Regex.Match(select.Groups[2].Value, """<option(?=[^>]* selected)(?=[^>]* value="([^"]*)")""").Groups[1].Value;
        }

        foreach (var (name, value) in changed)
        {
            fields[name] = value;
        }

        return [.. fields.Select(field => (field.Key, field.Value))];
    }

    public static async Task<AdminPage> SaveAsync(AdminBrowser browser, TestApplication application, params (string Name, string Value)[] changed)
    {
        var form = await browser.GetAsync(Address(application), TestContext.Current.CancellationToken);
        return await browser.SubmitAsync(form, Address(application), TestContext.Current.CancellationToken, Fields(form, changed));
    }

    public static Task<AdminPage> DeleteAsync(AdminBrowser browser, TestApplication application) =>
        browser.FillAsync(Address(application) + "/delete", TestContext.Current.CancellationToken, ("Typed", application.ClientId));

    public static async Task<AdminPage> EnableAsync(AdminBrowser browser, TestApplication application) =>
        await browser.SubmitAsync(
            await browser.GetAsync(Address(application), TestContext.Current.CancellationToken), Address(application) + "?handler=Enable", TestContext.Current.CancellationToken);
}
