namespace AuthPlatform.AdminWeb.Components;

/// <summary>What somebody typed into a field of a search.</summary>
internal static class Criterion
{
    private const int MaxLength = 512;

    /// <summary>Null for nothing; longer than any column is cut.</summary>
    public static string? Read(string? text)
    {
        var trimmed = text?.Trim() ?? "";
        return trimmed.Length == 0 ? null : trimmed.Length <= MaxLength ? trimmed : trimmed[..MaxLength];
    }
}
