using AuthPlatform.AdminWeb.SignIn;
using AuthPlatform.Data.Admin;
using AuthPlatform.Data.Auth;

namespace AuthPlatform.AdminWeb.Applications;

/// <summary>Whose applications are whose. Queries begin here, so that what is not somebody's is not found rather than hidden.</summary>
internal static class ApplicationAccess
{
    private static readonly string[] Readers = [AdministratorRoles.Administrator, AdministratorRoles.ApplicationManager, AdministratorRoles.Auditor];
    private static readonly string[] Managers = [AdministratorRoles.Administrator, AdministratorRoles.ApplicationManager];

    /// <summary>Whether somebody sees to all applications, owners and registrations included.</summary>
    public static bool ManagesAll(this CurrentAdministrator current) => current.IsIn(Managers);

    /// <summary>Whether somebody may look at all applications, and at what belongs to none.</summary>
    public static bool SeesAll(this CurrentAdministrator current) => current.IsIn(Readers);

    /// <summary>Those that somebody may look at.</summary>
    public static IQueryable<Application> VisibleTo(this IQueryable<Application> applications, AuthDbContext database, CurrentAdministrator current) =>
        current.SeesAll() ? applications : applications.OwnedBy(database, current);

    /// <summary>Those that somebody may change.</summary>
    public static IQueryable<Application> ChangeableBy(this IQueryable<Application> applications, AuthDbContext database, CurrentAdministrator current) =>
        current.ManagesAll() ? applications : applications.OwnedBy(database, current);

    private static IQueryable<Application> OwnedBy(this IQueryable<Application> applications, AuthDbContext database, CurrentAdministrator current) =>
        applications.Where(a => database.ApplicationOwners.Any(o => o.ApplicationId == a.Id && o.AdministratorId == current.Id));
}
