using AuthPlatform.AdminWeb.SignIn;
using AuthPlatform.Data.Admin;

namespace AuthPlatform.AdminWeb.Users;

/// <summary>Who may change whom. Nobody changes themselves, so there is always an administrator left; and only administrators make, or touch, administrators.</summary>
internal static class UserAccess
{
    public static bool SeesUsers(this CurrentAdministrator current) =>
        current.IsIn(AdministratorRoles.Administrator, AdministratorRoles.UserManager, AdministratorRoles.Auditor);

    public static bool MayChange(this CurrentAdministrator current, Administrator person) =>
        current.Id != person.Id
        && (current.IsIn(AdministratorRoles.Administrator) || (current.IsIn(AdministratorRoles.UserManager) && !person.Roles.Contains(AdministratorRoles.Administrator)));

    /// <summary>The roles that somebody may give and take.</summary>
    public static IReadOnlyList<string> GivableRoles(this CurrentAdministrator current) => current switch
    {
        _ when current.IsIn(AdministratorRoles.Administrator) => AdministratorRoles.All,
        _ when current.IsIn(AdministratorRoles.UserManager) => [.. AdministratorRoles.All.Where(role => role != AdministratorRoles.Administrator)],
        _ => [],
    };
}
