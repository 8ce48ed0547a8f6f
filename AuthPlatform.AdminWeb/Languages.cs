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
            new CustomRequestCultureProvider(context => Task.FromResult(AskedFor(context.Request))),
        ];
    }

    /// <summary>Without ICU nobody knows that ko-KR is Korean: what stands before the first dash says it.</summary>
    private static ProviderCultureResult? AskedFor(HttpRequest request) =>
        request.GetTypedHeaders().AcceptLanguage
            .OrderByDescending(language => language.Quality ?? 1)
            .Select(language => language.Value.ToString().Split('-')[0].ToLowerInvariant())
            .FirstOrDefault(All.ContainsKey) is { } tag
            ? new ProviderCultureResult(tag)
            : null;
}

/// <summary>Names the resources with the texts of all pages. English texts are their own keys.</summary>
public sealed class Texts;
