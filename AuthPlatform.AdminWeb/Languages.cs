using Microsoft.AspNetCore.Localization;

namespace AuthPlatform.AdminWeb;

/// <summary>The languages of the pages: what was chosen here, else what the browser asks for, else English.</summary>
internal static class Languages
{
    /// <summary>Their tags, and their names in themselves.</summary>
    public static readonly IReadOnlyDictionary<string, string> All = new Dictionary<string, string> { ["en"] = "English", ["ko"] = "한국어" };

    public static void Configure(RequestLocalizationOptions localization)
    {
        string[] tags = [.. All.Keys];
        localization.SetDefaultCulture("en").AddSupportedCultures(tags).AddSupportedUICultures(tags);
        localization.ApplyCurrentCultureToResponseHeaders = true;
        localization.RequestCultureProviders =
        [
            new CookieRequestCultureProvider { CookieName = Preferences.LanguageCookie },
            new AcceptLanguageHeaderRequestCultureProvider(),
        ];
    }
}

/// <summary>Names the resources with the texts of all pages. English texts are their own keys.</summary>
public sealed class Texts;
