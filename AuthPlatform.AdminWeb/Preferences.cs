namespace AuthPlatform.AdminWeb;

/// <summary>How one browser wants the pages. Nothing here is worth protecting; unknown values count as none.</summary>
public sealed class Preferences(IHttpContextAccessor accessor)
{
    /// <summary>Remembers the language.</summary>
    public const string LanguageCookie = "__Host-authplatform-language";

    /// <summary>Remembers light or dark.</summary>
    public const string ThemeCookie = "__Host-authplatform-theme";

    /// <summary>Remembers the time zone.</summary>
    public const string ZoneCookie = "__Host-authplatform-zone";

    /// <summary><c>light</c> or <c>dark</c>; null leaves it to the device.</summary>
    public string? Theme { get; } = accessor.HttpContext?.Request.Cookies[ThemeCookie] is "light" or "dark" ? accessor.HttpContext.Request.Cookies[ThemeCookie] : null;

    /// <summary>The administrator's zone, as the browser's script says; UTC until it did.</summary>
    public TimeZoneInfo Zone { get; } =
        accessor.HttpContext?.Request.Cookies[ZoneCookie] is { Length: > 0 and < 64 } name && TimeZoneInfo.TryFindSystemTimeZoneById(name, out var zone) ? zone : TimeZoneInfo.Utc;
}
