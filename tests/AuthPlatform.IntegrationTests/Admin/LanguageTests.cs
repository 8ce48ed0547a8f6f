using System.Text.RegularExpressions;
using System.Xml.Linq;
using AuthPlatform.Data.Admin;
using AuthPlatform.IntegrationTests.Infrastructure;

namespace AuthPlatform.IntegrationTests.Admin;

/// <summary>That the pages speak Korean as completely as English.</summary>
public sealed partial class LanguageTests(AuthPlatformFixture platform)
{
    private static readonly string Project = Path.GetDirectoryName(new Projects.AuthPlatform_AdminWeb().ProjectPath)!;

    /// <summary>Where texts are chosen from a list: all that is written with a capital there.</summary>
    private static readonly string[] Tables = ["Error.cshtml.cs", "CommonPasswords.cs", "_KeyState.cshtml", "_Roles.cshtml", "_Heading.cshtml", "_Overview.cshtml", "End.cshtml"];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public void Text_OfAnyPage_IsThereInKoreanWithTheSamePlaceholders()
    {
        var korean = XDocument.Load(Path.Combine(Project, "Texts", "Texts.ko.resx")).Root!.Elements("data").ToDictionary(e => e.Attribute("name")!.Value, e => e.Element("value")!.Value);
        var used = Directory.EnumerateFiles(Project, "*.cs*", SearchOption.AllDirectories)
            .Where(file => !file.Contains("node_modules", StringComparison.Ordinal))
            .SelectMany(file => new[] { Literal(), Tables.Contains(Path.GetFileName(file)) ? Sentence() : Literal() }.SelectMany(texts => texts.Matches(File.ReadAllText(file))).Select(m => Regex.Unescape(m.Groups[1].Value)))
            .Distinct()
            .ToList();

        Assert.True(used.Count > 250, $"Only {used.Count} texts were found.");
        Assert.DoesNotContain(used, text => string.IsNullOrWhiteSpace(korean.GetValueOrDefault(text)));
        Assert.DoesNotContain(korean, text => Placeholders(text.Key) != Placeholders(text.Value));
    }

    [Fact]
    public async Task Page_AskedForInKorean_IsKorean()
    {
        using var browser = await AdminAccount.SignInAsync(platform, Cancellation, AdministratorRoles.Administrator);
        await browser.SubmitAsync(await browser.GetAsync("/admin/account", Cancellation), "/admin/preferences", Cancellation, ("language", "ko"));

        var page = await browser.GetAsync("/admin/applications", Cancellation);

        Assert.Contains("<html lang=\"ko\"", page.Html, StringComparison.Ordinal);
        Assert.Contains("새 애플리케이션", page.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("New application", page.Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("ko-KR", "ko")]
    [InlineData("fr, en;q=0.5, KO-kr;q=0.8", "ko")]
    [InlineData("fr", "en")]
    [InlineData(";;,,=", "en")]
    public async Task Browser_ThatSaysItsLanguages_GetsTheBestOfThem(string languages, string expected)
    {
        using var browser = await AdminBrowser.OpenAsync(platform, Cancellation);
        using var request = new HttpRequestMessage(HttpMethod.Get, "/admin/sign-in");
        request.Headers.TryAddWithoutValidation("Accept-Language", languages);

        Assert.Contains($"<html lang=\"{expected}\"", (await browser.SendAsync(request, Cancellation)).Html, StringComparison.Ordinal);
    }

    private static string Placeholders(string text) => string.Join(' ', Regex.Matches(text, @"\{\d\}").Select(m => m.Value).Order());

    [GeneratedRegex("""(?<![=\[]|LogLevel\.\w+, )"([A-Z][a-z](?:[^"\\\n{]|\\.|\{\d\})+)"(?!\))""")]
    private static partial Regex Sentence();

    [GeneratedRegex("""(?:(?:\bL|\btexts)\[|AddModelError\([^,\n]+, (?:\w+ \?\? )?|Refuse\((?:\w+ \?\? )?)"((?:[^"\\\n]|\\.)+)"[\],)]""")]
    private static partial Regex Literal();
}
