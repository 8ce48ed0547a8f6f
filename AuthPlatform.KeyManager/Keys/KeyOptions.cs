using System.ComponentModel.DataAnnotations;

namespace AuthPlatform.KeyManager.Keys;

/// <summary>How this process keeps up with the database, section <c>Keys</c>. How keys are made and rotated is a setting of each application.</summary>
internal sealed class KeyOptions
{
    public const string Section = "Keys";

    /// <summary>
    /// Seconds between two looks at the database, 1–300, default 15: how long until a change made by another replica is seen here. Each wait is up to a
    /// fifth longer, so that replicas do not look all at once.
    /// </summary>
    [Range(1, 300)]
    public int RefreshSeconds { get; set; } = 15;
}
