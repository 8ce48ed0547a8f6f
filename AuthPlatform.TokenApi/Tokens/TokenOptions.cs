using System.ComponentModel.DataAnnotations;
using AuthPlatform.Data.Auth;
using AuthPlatform.ServiceDefaults;
using Microsoft.Extensions.Options;

namespace AuthPlatform.TokenApi.Tokens;

/// <summary>Settings of tokens; section <c>Tokens</c>.</summary>
internal sealed class TokenOptions
{
    public const string Section = "Tokens";

    /// <summary>More than one change of address needs, few enough to be compared with each token.</summary>
    public const int MostFormerPublicUrls = 4;

    /// <summary>
    /// The public address of the platform, an absolute http or https URL, with a path prefix if there is one (<see cref="PublicPrefix"/>). The issuer of every token is made from it,
    /// never from a request's Host header.
    /// </summary>
    [Required]
    public string PublicUrl { get; set; } = string.Empty;

    /// <summary>
    /// Addresses that the platform had before, or is about to have, at most <see cref="MostFormerPublicUrls"/>, each spelled as <see cref="PublicUrl"/> was or will be. Tokens of
    /// their issuers are taken here too; none is made, and metadata does not name them. An empty entry is none.
    /// </summary>
    public IList<string> FormerPublicUrls { get; } = [];

    /// <summary>How far clocks may differ when a token's lifetime is checked, in seconds; default 30, 0–120.</summary>
    [Range(0, TokenLimits.LargestSkewSeconds)]
    public int VerificationSkewSeconds { get; set; } = 30;

    /// <summary>The <c>iss</c> of an application's tokens.</summary>
    public string Issuer(string clientId) => Issuer(PublicUrl, clientId);

    /// <summary>Whether it is the <c>iss</c> of an application's tokens at another address of the platform.</summary>
    public bool IsFormerIssuer(string issuer, string clientId) => FormerPublicUrls.Any(url => url.Length > 0 && issuer == Issuer(url, clientId));

    private static string Issuer(string publicUrl, string clientId) => $"{publicUrl.TrimEnd('/')}/auth/{clientId}";
}

/// <summary>Refuses public addresses that no issuer can be made from.</summary>
internal sealed class ValidateTokenOptions : IValidateOptions<TokenOptions>
{
    private const string Former = $"{TokenOptions.Section}:{nameof(TokenOptions.FormerPublicUrls)}";

    public ValidateOptionsResult Validate(string? name, TokenOptions options)
    {
        var former = options.FormerPublicUrls.Where(url => url.Length > 0).ToList();
        var failures = former.Where(url => PublicPrefix.Parse(url) is null)
            .Select(url => $"{Former} must hold absolute http or https URLs without query or fragment, e.g. https://auth.example.com; one is '{url}'.").ToList();
        if (PublicPrefix.Parse(options.PublicUrl) is null)
        {
            failures.Insert(0, PublicPrefix.Refusal(options.PublicUrl));
        }

        if (former.Count > TokenOptions.MostFormerPublicUrls)
        {
            failures.Add($"{Former} may hold at most {TokenOptions.MostFormerPublicUrls} addresses, not {former.Count}.");
        }

        return failures.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(failures);
    }
}

/// <summary>Refuses values out of range.</summary>
[OptionsValidator]
internal sealed partial class ValidateTokenRanges : IValidateOptions<TokenOptions>;
