using System.Collections.Frozen;
using AuthPlatform.Data.Admin;
using Microsoft.AspNetCore.Identity;

namespace AuthPlatform.AdminWeb.SignIn;

/// <summary>
/// Passwords are judged by their length and by whether everybody else has them too (NIST SP 800-63B §3.1.1.2), not by the kinds of their characters. The list
/// is the first 10 000 of those in zxcvbn 4.4 (© 2012–2016 Dan Wheeler and Dropbox, Inc., MIT licence).
/// </summary>
internal sealed class CommonPasswords : IPasswordValidator<Administrator>
{
    public const int MinimumLength = 12;
    public const int MaximumLength = 128;

    private static readonly FrozenSet<string> List = Read();

    public Task<IdentityResult> ValidateAsync(UserManager<Administrator> manager, Administrator user, string? password)
    {
        var error = password switch
        {
            null or { Length: < MinimumLength } => "The password needs at least 12 characters. A sentence is easy to remember and hard to guess.",
            { Length: > MaximumLength } => "The password may have at most 128 characters.",
            _ when IsCommon(password) => "Many people use this password, so it is among the first to be tried. Choose another.",
            _ when password.Contains(user.UserName, StringComparison.OrdinalIgnoreCase) => "The password must not contain the user name.",
            _ => null,
        };
        return Task.FromResult(error is null ? IdentityResult.Success : IdentityResult.Failed(new IdentityError { Code = "Password", Description = error }));
    }

    /// <summary>One of the list, also with digits or signs at its end, several times over, or one character all along.</summary>
    internal static bool IsCommon(string password)
    {
        var text = password.ToLowerInvariant();
        var stem = text.TrimEnd("0123456789!?.,#*+-_$@ ".ToCharArray());
        return stem.Length == 0 || List.Contains(text) || List.Contains(stem) || text.Distinct().Count() < 5 || IsRepeated(text) || IsRepeated(stem);
    }

    private static bool IsRepeated(string text)
    {
        for (var length = 1; length <= text.Length / 2; length++)
        {
            var part = text[..length];
            if (text.Length % length == 0 && (length < 4 || List.Contains(part)) && string.Concat(Enumerable.Repeat(part, text.Length / length)) == text)
            {
                return true;
            }
        }

        return false;
    }

    private static FrozenSet<string> Read()
    {
        using var stream = typeof(CommonPasswords).Assembly.GetManifestResourceStream("common-passwords.txt")!;
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries).ToFrozenSet(StringComparer.Ordinal);
    }
}
