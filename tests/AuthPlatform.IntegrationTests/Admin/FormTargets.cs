using System.Net;
using System.Text.RegularExpressions;

namespace AuthPlatform.IntegrationTests.Admin;

/// <summary>Where browsers send forms.</summary>
internal static class FormTargets
{
    /// <summary>The address of the form that has a field of this name; where it says none, that of the page it stands on.</summary>
    public static string TargetOf(this AdminPage page, string field)
    {
        var form = Regex.Matches(page.Html, "<form([^>]*)>(.*?)</form>", RegexOptions.Singleline).First(m => m.Groups[2].Value.Contains($"name=\"{field}\"", StringComparison.Ordinal));
        return Regex.Match(form.Groups[1].Value, " action=\"([^\"]+)\"") is { Success: true } action ? WebUtility.HtmlDecode(action.Groups[1].Value) : page.Address;
    }

    /// <summary>The address that the form names which a script sends again and again until all is done; empty where it names none.</summary>
    public static string ContinuesAt(this AdminPage page) =>
        WebUtility.HtmlDecode(Regex.Match(page.Html, "<form(?=[^>]* data-continue)(?=[^>]* action=\"([^\"]+)\")").Groups[1].Value);
}
