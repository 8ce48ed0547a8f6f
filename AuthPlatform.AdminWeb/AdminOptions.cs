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
}

/// <summary>What annotations cannot say.</summary>
internal sealed class ValidateAdminOptions : IValidateOptions<AdminOptions>
{
    public ValidateOptionsResult Validate(string? name, AdminOptions options) =>
        options.PublicUrl.Length == 0 || (Uri.TryCreate(options.PublicUrl, UriKind.Absolute, out var url) && url.Scheme is "http" or "https" && url.PathAndQuery == "/")
            ? ValidateOptionsResult.Success
            : ValidateOptionsResult.Fail($"Admin__PublicUrl must be an http or https address without path, not '{options.PublicUrl}'.");
}
