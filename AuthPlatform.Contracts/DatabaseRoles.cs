using System.Globalization;

namespace AuthPlatform.Contracts;

/// <summary>
/// The names of the roles by which services use a database. They begin with the name of the database, because roles belong to the whole server, where another
/// installation may be.
/// </summary>
public static class DatabaseRoles
{
    /// <summary>The role that has a service's rights. Nobody signs in as it.</summary>
    public static string Of(string database, string service) => $"{database}_{service.Replace('-', '_')}";

    /// <summary>A role that the service signs in as. There may be several at a time, each with a password of its own: so passwords change without a gap.</summary>
    public static string Login(string database, string service, int number) => string.Create(CultureInfo.InvariantCulture, $"{Of(database, service)}_{number}");
}
