using System.CommandLine;
using AuthPlatform.Cli.Running;

namespace AuthPlatform.Cli.Admins;

/// <summary><c>authplatform admins</c>.</summary>
internal static class AdminsCommand
{
    public static Command Create(Terminal terminal) => new("admins", "People of the administrators' pages: look, let somebody in again")
    {
        ListAdmins.Create(terminal),
        ResetAdmin.Create(terminal),
    };
}
