using Microsoft.Extensions.Configuration;

namespace AuthPlatform.Cli.Running;

/// <summary>Who is at the terminal, as the audit is told: what they say, or else the account.</summary>
internal static class OperatorName
{
    public const string Variable = "AUTHPLATFORM_OPERATOR";

    /// <summary>As the names of administrators.</summary>
    private const int MaxLength = 100;

    /// <summary>The sentence for a name that cannot be one; null when it can, or when none is given.</summary>
    public static string? Problem(IConfiguration settings) =>
        Given(settings) is { } name && (name.Length > MaxLength || name.Any(char.IsControl)) ? $"{Variable} must have at most {MaxLength} characters, none of them a control character." : null;

    public static string Read(IConfiguration settings) => Given(settings) ?? OfAccount(Environment.UserName);

    /// <summary>A container that runs as a bare number, as with <c>--user 1000:1000</c>, has an account without a name.</summary>
    public static string OfAccount(string userName) => userName.Length > 0 ? userName : UserId() is { } number ? $"uid {number}" : "unknown";

    private static string? Given(IConfiguration settings) => settings[Variable]?.Trim() is { Length: > 0 } name ? name : null;

    /// <summary>Null where there is no Linux to ask: the library does not know it.</summary>
    private static string? UserId()
    {
        try
        {
            // The real one, the effective one and two more, with tabs between them.
            return File.ReadLines("/proc/self/status").FirstOrDefault(line => line.StartsWith("Uid:", StringComparison.Ordinal))?.Split('\t') is [_, _, var effective, ..] ? effective : null;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
