using AuthPlatform.Data.Admin;
using Microsoft.AspNetCore.Identity;

namespace AuthPlatform.AdminWeb.SignIn;

/// <summary>Somebody whose password was right and who owes a second factor. A change of password or factor meanwhile ends it.</summary>
internal sealed class PendingSignIn(ProtectedCookie cookie, UserManager<Administrator> administrators)
{
    private const string Name = "pending";

    public void Begin(Administrator administrator) => cookie.Write(Name, $"{administrator.Id}|{administrator.SecurityStamp}");

    public async Task<Administrator?> FindAsync() =>
        cookie.Read(Name)?.Split('|') is [var id, var stamp]
        && await administrators.FindByIdAsync(id) is { SuspendedAt: null } administrator
        && administrator.SecurityStamp == stamp
            ? administrator
            : null;

    public void End() => cookie.Delete(Name);
}
