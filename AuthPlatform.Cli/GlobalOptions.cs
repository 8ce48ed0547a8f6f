using System.CommandLine;

namespace AuthPlatform.Cli;

/// <summary>Options that mean the same wherever they appear.</summary>
internal static class GlobalOptions
{
    public static Option<bool> Json { get; } = new("--json") { Description = "Print JSON instead of text", Recursive = true };

    public static Option<FileInfo?> Settings { get; } = new("--settings")
    {
        Description = "JSON file with connection strings and encryption keys; the environment wins over it",
        HelpName = "file",
        Recursive = true,
    };

    /// <summary>For commands that ask before they do something.</summary>
    public static Option<bool> Yes { get; } = new("--yes", "-y") { Description = "Do it without asking" };
}
