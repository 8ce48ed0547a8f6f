using System.Runtime.CompilerServices;

namespace AuthPlatform.IntegrationTests.Infrastructure;

/// <summary>
/// The suite starts a great many processes, and one whose pages are never both writable and executable takes a third more processor time to start. Whoever runs the services
/// has that hardening of the runtime; nothing here depends on it.
/// </summary>
internal static class WriteXorExecute
{
    public const string Setting = "DOTNET_EnableWriteXorExecute";

    [ModuleInitializer]
    internal static void TurnOff() => Environment.SetEnvironmentVariable(Setting, "0");
}
