using System.Runtime.CompilerServices;

namespace AuthPlatform.IntegrationTests.Infrastructure;

/// <summary>
/// Services that live for a test do not collect profiles of their code for the compiler: it takes a fifth of the suite's
/// processor time and pays off only after minutes.
/// </summary>
internal static class ShortLives
{
    [ModuleInitializer]
    internal static void Initialize() => Environment.SetEnvironmentVariable("DOTNET_TieredPGO", "0");
}
