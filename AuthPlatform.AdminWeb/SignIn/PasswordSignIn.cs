using AuthPlatform.Data.Admin;
using Microsoft.AspNetCore.Identity;

namespace AuthPlatform.AdminWeb.SignIn;

/// <summary>Checks a name and a password without telling which of them was wrong, by its answer or by its time.</summary>
internal sealed class PasswordSignIn(UserManager<Administrator> administrators, IPasswordHasher<Administrator> hasher)
{
    /// <summary>A hash of nobody's password, made once with the same cost as everybody's.</summary>
    private static string? _nobody;

    /// <summary>The person, when both are right and they are not shut out.</summary>
    public async Task<Administrator?> FindAsync(string userName, string password)
    {
        var found = await administrators.FindByNameAsync(userName.Trim());
        var hash = found?.PasswordHash ?? (_nobody ??= hasher.HashPassword(null!, "nobody"));
        var isRight = hasher.VerifyHashedPassword(found!, hash, password) != PasswordVerificationResult.Failed;
        return isRight && found is { PasswordHash: not null, SuspendedAt: null } ? found : null;
    }
}
