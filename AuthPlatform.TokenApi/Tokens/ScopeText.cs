using AuthPlatform.Data.Auth;

namespace AuthPlatform.TokenApi.Tokens;

/// <summary>The value of a <c>scope</c> parameter (RFC 6749 §3.3): words, separated by one space each.</summary>
internal static class ScopeText
{
    public static bool IsWellFormed(string scope)
    {
        if (scope.Length is 0 or > SessionLimits.Scope || scope.StartsWith(' ') || scope.EndsWith(' ') || scope.Contains("  ", StringComparison.Ordinal))
        {
            return false;
        }

        foreach (var character in scope)
        {
            if (character is < ' ' or > '~' or '"' or '\\')
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Whether each word asked for was granted.</summary>
    public static bool IsWithin(string asked, string? granted) => asked.Split(' ').All((granted ?? string.Empty).Split(' ').Contains);
}
