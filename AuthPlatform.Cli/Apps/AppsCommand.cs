using System.CommandLine;
using AuthPlatform.Cli.Running;

namespace AuthPlatform.Cli.Apps;

/// <summary><c>authplatform apps</c>.</summary>
internal static class AppsCommand
{
    public static Argument<string> ClientId() => new("client_id") { Description = "The application" };

    public static Command Create(Terminal terminal) => new("apps", "Applications: register, change, disable, rotate secrets")
    {
        ListApps.Create(terminal),
        ShowApp.Create(terminal),
        CreateApp.Create(terminal),
        SetApp.Create(terminal),
        EnableApp.Create(terminal, enable: true),
        EnableApp.Create(terminal, enable: false),
        RotateSecret.Create(terminal),
        ExpireSecret.Create(terminal),
    };
}
