using AuthPlatform.Data.Admin;

namespace AuthPlatform.AdminWeb.Users;

/// <summary>How far somebody has come.</summary>
internal static class UserStates
{
    public const string Invited = "invited";
    public const string Waiting = "waiting";
    public const string Active = "active";
    public const string Suspended = "suspended";

    public static readonly IReadOnlyList<string> All = [Invited, Waiting, Active, Suspended];

    public static string Of(Administrator person) => person switch
    {
        { SuspendedAt: not null } => Suspended,
        { PasswordHash: null } => Invited,
        { ApprovedAt: null } => Waiting,
        _ => Active,
    };

    public static string Label(string state) => state switch
    {
        Invited => "Invited",
        Waiting => "Waits for approval",
        Suspended => "Suspended",
        _ => "Active",
    };

    public static IQueryable<Administrator> In(this IQueryable<Administrator> people, string? state) => state switch
    {
        Suspended => people.Where(p => p.SuspendedAt != null),
        Invited => people.Where(p => p.SuspendedAt == null && p.PasswordHash == null),
        Waiting => people.Where(p => p.SuspendedAt == null && p.PasswordHash != null && p.ApprovedAt == null),
        Active => people.Where(p => p.SuspendedAt == null && p.PasswordHash != null && p.ApprovedAt != null),
        _ => people,
    };
}
