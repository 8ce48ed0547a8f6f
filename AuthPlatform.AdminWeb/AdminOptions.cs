using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace AuthPlatform.AdminWeb;

/// <summary>Settings of the administrators' pages, section <c>Admin</c>.</summary>
internal sealed class AdminOptions
{
    public const string Section = "Admin";

    /// <summary>The public address of the platform, without path. Links, and what passkeys are bound to, come from here, never from a Host header.</summary>
    [Required(ErrorMessage = "Admin__PublicUrl is missing: it is the public address of the platform, such as https://auth.example.com.")]
    public string PublicUrl { get; set; } = "";

    /// <summary>Minutes after which a session that nobody uses ends, 5–480, default 30.</summary>
    [Range(5, 480)]
    public int IdleMinutes { get; set; } = 30;

    /// <summary>Hours after which a session ends in any case, 1–24, default 12.</summary>
    [Range(1, 24)]
    public int SessionHours { get; set; } = 12;

    /// <summary>Minutes for which a proof of who somebody is counts as recent, 1–60, default 10: after that, whatever changes applications, their sessions, people or one's own sign-in asks for a new one. Ending one's own sessions does not.</summary>
    [Range(1, 60)]
    public int ConfirmMinutes { get; set; } = 10;

    /// <summary>Where traces, metrics and logs are looked at; the overview links to it. Default: no link.</summary>
    [Url(ErrorMessage = "Admin__DashboardUrl must be an http or https address.")]
    public string? DashboardUrl { get; set; }
}

/// <summary>What annotations cannot say.</summary>
internal sealed class ValidateAdminOptions : IValidateOptions<AdminOptions>
{
    public ValidateOptionsResult Validate(string? name, AdminOptions options) =>
        options.PublicUrl.Length == 0 || (Uri.TryCreate(options.PublicUrl, UriKind.Absolute, out var url) && url.Scheme is "http" or "https" && url.PathAndQuery == "/")
            ? ValidateOptionsResult.Success
            : ValidateOptionsResult.Fail($"Admin__PublicUrl must be an http or https address without path, not '{options.PublicUrl}'.");
}
