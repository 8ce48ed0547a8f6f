using System.ComponentModel.DataAnnotations;
using AuthPlatform.Data.Auth;
using AuthPlatform.ServiceDefaults;
using Microsoft.Extensions.Options;

namespace AuthPlatform.TokenApi.Tokens;

/// <summary>Settings of tokens; section <c>Tokens</c>.</summary>
internal sealed class TokenOptions
{
    public const string Section = "Tokens";

    /// <summary>
    /// The public address of the platform, an absolute http or https URL, with a path prefix if there is one (<see cref="PublicPrefix"/>). The issuer of every token is made from it,
    /// never from a request's Host header.
    /// </summary>
    [Required]
    public string PublicUrl { get; set; } = string.Empty;

    /// <summary>How far clocks may differ when a token's lifetime is checked, in seconds; default 30, 0–120.</summary>
    [Range(0, TokenLimits.LargestSkewSeconds)]
    public int VerificationSkewSeconds { get; set; } = 30;

    /// <summary>The <c>iss</c> of an application's tokens.</summary>
    public string Issuer(string clientId) => $"{PublicUrl.TrimEnd('/')}/auth/{clientId}";
}

/// <summary>Refuses a public address that no issuer can be made from.</summary>
internal sealed class ValidateTokenOptions : IValidateOptions<TokenOptions>
{
    public ValidateOptionsResult Validate(string? name, TokenOptions options) =>
        PublicPrefix.Parse(options.PublicUrl) is null ? ValidateOptionsResult.Fail(PublicPrefix.Refusal(options.PublicUrl)) : ValidateOptionsResult.Success;
}

/// <summary>Refuses values out of range.</summary>
[OptionsValidator]
internal sealed partial class ValidateTokenRanges : IValidateOptions<TokenOptions>;
