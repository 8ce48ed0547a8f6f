using AuthPlatform.Data.Admin;
using AuthPlatform.Data.Auth;

namespace AuthPlatform.AdminWeb.Components;

/// <summary>What people call the values of columns, in English.</summary>
internal static class Labels
{
    public static string Role(string role) => role switch
    {
        AdministratorRoles.Administrator => "Administrator",
        AdministratorRoles.ApplicationManager => "Application manager",
        AdministratorRoles.UserManager => "User manager",
        AdministratorRoles.Auditor => "Auditor",
        _ => role,
    };

    public static string Method(string method) => method switch
    {
        SignInMethods.Password => "Password",
        SignInMethods.Totp => "Password and authenticator app",
        SignInMethods.RecoveryCode => "Password and recovery code",
        SignInMethods.Passkey => "Passkey",
        _ => method,
    };

    /// <summary>A kind of event: what it is called, its first letter in capitals and the others as they are. The texts of other languages have them all.</summary>
    public static string AuditKind(string kind) => kind.Length == 0 ? kind : char.ToUpperInvariant(kind[0]) + kind[1..].Replace('_', ' ');

    /// <summary>Refusals and ends stand out.</summary>
    public static string AuditBadge(string kind) => kind switch
    {
        AuditKinds.Rejected or AuditKinds.UserRefused or AuditKinds.RefreshReuseDetected or AuditKinds.KeyRevoked or AuditKinds.ApplicationDeleted => "badge-bad",
        AuditKinds.Revoked or AuditKinds.Evicted or AuditKinds.Replaced or AuditKinds.SessionsEnded or AuditKinds.SecretRemoved or AuditKinds.KeyLost or AuditKinds.RefreshKeyRenewed =>
            "badge-warn",
        AuditKinds.Issued or AuditKinds.Refreshed => "badge-good",
        _ => "",
    };

    /// <summary>The browser and system that a User-Agent header claims, or the header where it claims nothing known.</summary>
    public static string Browser(string userAgent)
    {
        (string Mark, string Name)[] browsers = [("Edg/", "Edge"), ("OPR/", "Opera"), ("Firefox/", "Firefox"), ("Chrome/", "Chrome"), ("Safari/", "Safari")];
        (string Mark, string Name)[] systems = [("Windows", "Windows"), ("Android", "Android"), ("iPhone", "iPhone"), ("iPad", "iPad"), ("Mac OS", "macOS"), ("Linux", "Linux")];
        var browser = browsers.FirstOrDefault(b => userAgent.Contains(b.Mark, StringComparison.Ordinal)).Name;
        var system = systems.FirstOrDefault(s => userAgent.Contains(s.Mark, StringComparison.Ordinal)).Name;
        return browser is null || system is null ? userAgent : $"{browser}, {system}";
    }
}
