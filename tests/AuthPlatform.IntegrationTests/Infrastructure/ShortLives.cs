using System.Runtime.CompilerServices;

namespace AuthPlatform.IntegrationTests.Infrastructure;

/// <summary>
/// Services that live for a test do not collect profiles of their code for the compiler, nor compile again what only their start calls often: the first takes a fifth of the
/// suite's processor time, and both pay off only after minutes.
/// </summary>
internal static class ShortLives
{
    [ModuleInitializer]
    internal static void Initialize()
    {
        Environment.SetEnvironmentVariable("DOTNET_TieredPGO", "0");
        // Hexadecimal: the thousand of Directory.Build.props.
        Environment.SetEnvironmentVariable("DOTNET_TC_CallCountThreshold", "3E8");
    }
}
