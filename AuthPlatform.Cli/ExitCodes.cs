namespace AuthPlatform.Cli;

/// <summary>What scripts may rely on.</summary>
internal static class ExitCodes
{
    public const int Done = 0;

    /// <summary>The operation, or a check, failed; standard error says why.</summary>
    public const int Failed = 1;

    /// <summary>The command line is wrong or lacks a confirmation; nothing was done.</summary>
    public const int WrongUsage = 2;
}
