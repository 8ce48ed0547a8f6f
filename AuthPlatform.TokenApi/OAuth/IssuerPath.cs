using AuthPlatform.TokenApi.Tokens;

namespace AuthPlatform.TokenApi.OAuth;

/// <summary>
/// The path of an issuer as RFC 8414 §3.1 puts it behind the well-known name: of <c>https://host/prefix/auth/a</c> it is <c>prefix/auth/a</c>. The prefix of
/// the public address is part of it; at all other addresses it comes first, and is taken off before a route is looked for.
/// </summary>
internal static class IssuerPath
{
    /// <summary>The application whose issuer has this path, decoded and without leading slash; null when no issuer of ours can have it.</summary>
    public static string? ClientId(TokenOptions options, string path)
    {
        var issuers = new Uri(options.Issuer(string.Empty)).AbsolutePath;
        var expected = Uri.UnescapeDataString(issuers).TrimStart('/');
        return path.StartsWith(expected, StringComparison.Ordinal) && Contracts.ClientId.IsWellFormed(path.AsSpan(expected.Length))
            ? path[expected.Length..]
            : null;
    }
}
