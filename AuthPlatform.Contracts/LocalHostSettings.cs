namespace AuthPlatform.Contracts;

/// <summary>Where the AppHost on a developer's machine leaves the settings that the command line needs.</summary>
public static class LocalHostSettings
{
    /// <summary>A JSON file that only its owner can read; there while the AppHost runs.</summary>
    public static string File { get; } = Path.Combine(
        Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData, Environment.SpecialFolderOption.DoNotVerify), "AuthPlatform", "operator.json");
}
